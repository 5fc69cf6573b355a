import { View } from "@tarojs/components";
import { useRef, useState } from "react";

import { Submission } from "@/api/submission";
import { trade } from "@/api/trade";
import type { Order } from "@/api/types";
import { Button } from "@/components/Button";
import { Sheet } from "@/components/Sheet";
import { go } from "@/hooks/routes";
import { ask, say, useAct } from "@/hooks/useAct";
import { useNow } from "@/hooks/useNow";
import { ACTION_TEXTS, type OrderAction, actions } from "@/logic/orders";
import { handover } from "@/state/handover";
import { payOrder } from "@/state/paying";
import { randomText } from "@/state/tokens";

import "./index.scss";

const REASONS = ["不想要了", "拍错/多拍了", "商品与描述不符", "质量问题", "未按时发货"];

/** The buttons of an order, and what they do. */
export function OrderActions({ order, onChange }: { order: Order; onChange: (order: Order) => void }) {
  const now = useNow(order.state === "pending");
  const [refunding, setRefunding] = useState(false);
  const submission = useRef(new Submission(() => randomText(32)));
  const { busy, act } = useAct();

  const refund = (reason: string) =>
    act(async () => {
      const key = submission.current.keyFor({ number: order.number, reason });
      onChange(await trade.refund(order.number, reason, key));
      submission.current.done();
      setRefunding(false);
      say("已提交退款申请");
    });
  const does: Record<OrderAction, () => Promise<void>> = {
    pay: async () => {
      const paid = await payOrder(order.number);
      if (paid.order) onChange(paid.order);
      say({ paid: "支付成功", cancelled: "已取消支付", unknown: "支付结果确认中" }[paid.outcome]);
    },
    cancel: async () => {
      if (await ask("取消这个订单？", "取消后不能恢复", "取消订单")) onChange(await trade.cancel(order.number));
    },
    receive: async () => {
      if (await ask("确认收到货了吗？", "", "确认收货")) onChange(await trade.receive(order.number));
    },
    refund: async () => setRefunding(true),
    track: async () => go("tracking", { number: order.number }),
    review: async () => {
      if (order.items.length > 1) return go("order", { number: order.number });
      handover.reviewing = { orderNumber: order.number, line: order.items[0]! };
      return go("review");
    },
    again: async () => {
      const first = order.items[0];
      if (first) go("product", { id: first.product_id });
    },
  };
  const possible = actions(order, now);
  if (!possible.length) return null;
  return (
    <View className="order-actions" onClick={(event) => event.stopPropagation()}>
      {possible.map((action, index) => (
        <Button
          key={action}
          size="s"
          kind={index === possible.length - 1 && action !== "refund" ? "main" : "line"}
          disabled={busy}
          onClick={() => void act(does[action])}
        >
          {ACTION_TEXTS[action]}
        </Button>
      ))}
      <Sheet open={refunding} title="退款原因" onClose={() => setRefunding(false)}>
        {REASONS.map((reason) => (
          <View key={reason} className="order-reason" onClick={() => void refund(reason)}>
            {reason}
          </View>
        ))}
      </Sheet>
    </View>
  );
}
