import { Textarea, View } from "@tarojs/components";
import { useState } from "react";

import { people } from "@/api/people";
import type { Upload } from "@/api/types";
import { Button } from "@/components/Button";
import { OrderLines } from "@/components/OrderLines";
import { Page } from "@/components/Page";
import { Stars } from "@/components/Stars";
import { Empty } from "@/components/Status";
import { Uploader } from "@/components/Uploader";
import { back } from "@/hooks/routes";
import { say, useAct } from "@/hooks/useAct";
import { handover } from "@/state/handover";

import "./index.scss";

const WORDS = ["", "非常差", "差", "一般", "好", "非常好"];
const LONGEST = 500;
const PICTURES = 6;
const GOODBYE_MS = 1200;

export default function ReviewPage() {
  const [about] = useState(() => handover.reviewing);
  const [rating, setRating] = useState(5);
  const [text, setText] = useState("");
  const [pictures, setPictures] = useState<Upload[]>([]);
  const { busy, act } = useAct();
  if (!about) {
    return (
      <Page title="发表评价">
        <Empty icon="star" title="请从订单里选择要评价的商品" />
      </Page>
    );
  }
  const submit = () =>
    act(async () => {
      if (!text.trim()) return say("写几句使用感受吧");
      await people.review({
        order_number: about.orderNumber,
        sku_id: about.line.sku_id,
        rating,
        text: text.trim(),
        image_keys: pictures.map((one) => one.key),
      });
      handover.reviewing = null;
      say("评价成功，感谢分享");
      setTimeout(back, GOODBYE_MS);
    });
  return (
    <Page
      title="发表评价"
      footer={
        <View className="form-foot">
          <Button size="l" wide busy={busy} onClick={() => void submit()}>
            发表评价
          </Button>
        </View>
      }
    >
      <View className="write-card">
        <OrderLines lines={[about.line]} />
        <View className="write-rating">
          <Stars large value={rating} onChange={setRating} />
          <View className="write-word">{WORDS[rating]}</View>
        </View>
      </View>
      <View className="write-card">
        <Textarea
          className="write-text"
          placeholder="质量、手感、颜色……都可以聊聊，帮助其他小伙伴"
          placeholderClass="placeholder"
          maxlength={LONGEST}
          value={text}
          onInput={(event) => setText(event.detail.value)}
        />
        <View className="write-count">
          {text.length}/{LONGEST}
        </View>
        <Uploader value={pictures} most={PICTURES} onChange={setPictures} />
      </View>
    </Page>
  );
}
