import { Text, View } from "@tarojs/components";
import Taro, { usePullDownRefresh } from "@tarojs/taro";

import { catalog } from "@/api/catalog";
import type { FlashSale } from "@/api/types";
import { Button } from "@/components/Button";
import { Countdown } from "@/components/Countdown";
import { Icon } from "@/components/Icon";
import { Page } from "@/components/Page";
import { Picture } from "@/components/Picture";
import { Price } from "@/components/Price";
import { Empty, Loaded } from "@/components/Status";
import { go } from "@/hooks/routes";
import { useAct } from "@/hooks/useAct";
import { useRequest } from "@/hooks/useRequest";
import { flashState, soldShare } from "@/logic/flash";
import { handover } from "@/state/handover";
import { session } from "@/state/session";

import "./index.scss";

export default function FlashPage() {
  const sales = useRequest(async () => (await catalog.flashSales()).items, []);
  usePullDownRefresh(() => void sales.reload().then(() => Taro.stopPullDownRefresh()));
  return (
    <Page title="限时抢购">
      <View className="flash-top">
        <Icon name="bolt" size={28} />
        <View>
          <View className="flash-title">限时抢购</View>
          <View className="flash-hint">数量有限，先到先得</View>
        </View>
      </View>
      <Loaded request={sales}>
        {(items) =>
          items.length === 0 ? (
            <Empty icon="bolt" title="暂时没有抢购活动" hint="晚些再来看看" />
          ) : (
            <View className="flash-list">
              {items.map((sale) => (
                <Sale key={sale.id} sale={sale} onOver={() => void sales.reload()} />
              ))}
            </View>
          )
        }
      </Loaded>
    </Page>
  );
}

const BUTTONS = { waiting: "即将开抢", running: "马上抢", gone: "已抢光", over: "已结束" };

function Sale({ sale, onOver }: { sale: FlashSale; onOver: () => void }) {
  const { act } = useAct();
  const state = flashState(sale, Date.now());
  const buy = () =>
    act(async () => {
      await session.require();
      handover.purchase = { items: [{ sku_id: sale.sku_id, quantity: 1 }], flash: sale };
      go("checkout");
    });
  return (
    <View className="flash-one">
      <Picture className="flash-picture" src={sale.image_url} onClick={() => go("product", { id: sale.product_id })} />
      <View className="flash-text">
        <View className="flash-name">{sale.name}</View>
        <View className="flash-when">
          <Text>{state === "waiting" ? "距开始 " : "距结束 "}</Text>
          <Countdown until={state === "waiting" ? sale.starts_at : sale.ends_at} onOver={onOver} />
        </View>
        <View className="flash-share">
          <View className="flash-share-full" style={{ width: `${soldShare(sale)}%` }} />
          <Text className="flash-share-text">
            已抢 {soldShare(sale)}% · 剩 {sale.left} 件
          </Text>
        </View>
        <View className="flash-foot">
          <Price fen={sale.price_fen} was={sale.original_price_fen} />
          <Button size="s" disabled={state !== "running"} onClick={() => void buy()}>
            {BUTTONS[state]}
          </Button>
        </View>
      </View>
    </View>
  );
}
