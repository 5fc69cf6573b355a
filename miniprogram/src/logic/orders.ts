/** What an order's state is called, and what its buyer can do then. */
import type { Order, OrderState } from "@/api/types";

export type OrderAction = "pay" | "cancel" | "receive" | "refund" | "track" | "review" | "again";

interface StateText {
  title: string;
  hint: string;
}

const TEXTS: Record<OrderState, StateText> = {
  pending: { title: "等待付款", hint: "请在倒计时结束前完成支付" },
  paid: { title: "等待发货", hint: "商家正在打包您的宝贝" },
  shipped: { title: "运输中", hint: "宝贝正在赶来的路上" },
  received: { title: "已签收", hint: "说说您的使用感受吧" },
  completed: { title: "交易完成", hint: "感谢您的光临" },
  cancelled: { title: "已取消", hint: "订单已关闭，库存已释放" },
  refunding: { title: "退款中", hint: "退款将原路返回，请留意微信通知" },
  refunded: { title: "已退款", hint: "款项已原路退回" },
};

/** A state that a newer server may have and this build doesn't know is told as it is. */
export function stateText(state: OrderState): StateText {
  return TEXTS[state] ?? { title: state, hint: "" };
}

const ACTIONS: Record<OrderState, OrderAction[]> = {
  pending: ["cancel", "pay"],
  paid: ["refund"],
  shipped: ["refund", "track", "receive"],
  received: ["refund", "track", "review"],
  completed: ["track", "again", "review"],
  cancelled: ["again"],
  refunding: [],
  refunded: ["again"],
};

export const ACTION_TEXTS: Record<OrderAction, string> = {
  pay: "去支付",
  cancel: "取消订单",
  receive: "确认收货",
  refund: "申请退款",
  track: "查看物流",
  review: "评价",
  again: "再次购买",
};

/** In the order in which the buttons stand; the last is the main one. A pending order whose time is over can't be paid. */
export function actions(order: Pick<Order, "state" | "pay_until">, nowMs: number): OrderAction[] {
  const known = ACTIONS[order.state] ?? [];
  const late = order.pay_until !== null && Date.parse(order.pay_until) <= nowMs;
  return known.filter((action) => action !== "pay" || !late);
}

export const TABS: { state: OrderState | ""; title: string }[] = [
  { state: "", title: "全部" },
  { state: "pending", title: "待付款" },
  { state: "paid", title: "待发货" },
  { state: "shipped", title: "待收货" },
  { state: "received", title: "待评价" },
  { state: "refunding", title: "退款" },
];
