import { View } from "@tarojs/components";
import { useRouter } from "@tarojs/taro";
import { useState } from "react";

import { catalog } from "@/api/catalog";
import { trade } from "@/api/trade";
import { Button } from "@/components/Button";
import { Icon } from "@/components/Icon";
import { Page } from "@/components/Page";
import { Price } from "@/components/Price";
import { Waterfall } from "@/components/Waterfall";
import { goInstead, tab } from "@/hooks/routes";
import { useAct } from "@/hooks/useAct";
import { useRequest } from "@/hooks/useRequest";
import type { Paid } from "@/logic/confirm";
import { confirmed, payOrder } from "@/state/paying";

import "./index.scss";

const TEXTS: Record<Paid["outcome"], { title: string; hint: string }> = {
  paid: { title: "支付成功", hint: "商家会尽快为您发货" },
  cancelled: { title: "订单待支付", hint: "您取消了支付，订单会保留一段时间" },
  unknown: { title: "支付结果确认中", hint: "微信还没有告诉我们结果，稍后会自动更新" },
};

export default function PaidPage() {
  const { number = "", outcome: told } = useRouter().params;
  const [outcome, setOutcome] = useState<Paid["outcome"]>(told === "paid" || told === "cancelled" ? told : "unknown");
  const order = useRequest(() => trade.order(number), [number, outcome]);
  const forYou = useRequest(catalog.forYou, []);
  const { busy, act } = useAct();
  const text = TEXTS[outcome];
  return (
    <Page title="支付结果">
      <View className="paid">
        <View className={`paid-mark paid-mark-${outcome}`}>
          <Icon name={outcome === "paid" ? "check" : "clock"} size={32} />
        </View>
        <View className="paid-title">{text.title}</View>
        {order.data && <Price size="xl" fen={order.data.total_fen} />}
        <View className="paid-hint">{text.hint}</View>
        <View className="paid-buttons">
          <Button kind="line" onClick={() => goInstead("order", { number })}>
            查看订单
          </Button>
          {outcome === "paid" && <Button onClick={() => tab("home")}>继续逛逛</Button>}
          {outcome === "cancelled" && (
            <Button busy={busy} onClick={() => void act(async () => setOutcome((await payOrder(number)).outcome))}>
              继续支付
            </Button>
          )}
          {outcome === "unknown" && (
            <Button busy={busy} onClick={() => void act(async () => setOutcome((await confirmed(number)).outcome))}>
              刷新结果
            </Button>
          )}
        </View>
      </View>
      {!!forYou.data?.items.length && (
        <>
          <View className="list-title">— 猜你喜欢 —</View>
          <Waterfall cards={forYou.data.items} />
        </>
      )}
    </Page>
  );
}
