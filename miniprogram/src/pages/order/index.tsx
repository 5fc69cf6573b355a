import { Text, View } from "@tarojs/components";
import Taro, { useDidShow, useRouter } from "@tarojs/taro";
import { useRef } from "react";

import { trade } from "@/api/trade";
import type { Order, OrderLine } from "@/api/types";
import { AddressLine } from "@/components/AddressLine";
import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import { Icon, type IconName } from "@/components/Icon";
import { LoginWall } from "@/components/LoginWall";
import { OrderActions } from "@/components/OrderActions";
import { OrderLines } from "@/components/OrderLines";
import { Page } from "@/components/Page";
import { Price } from "@/components/Price";
import { Loaded } from "@/components/Status";
import { go } from "@/hooks/routes";
import { useNow } from "@/hooks/useNow";
import { useRequest } from "@/hooks/useRequest";
import { price } from "@/logic/money";
import { actions, stateText } from "@/logic/orders";
import { leftText, moment } from "@/logic/time";
import { handover } from "@/state/handover";

import "./index.scss";

const ICONS: Partial<Record<Order["state"], IconName>> = {
  pending: "wallet",
  paid: "box",
  shipped: "truck",
  refunding: "refund",
  refunded: "refund",
  cancelled: "close",
};

export default function OrderPage() {
  return (
    <LoginWall>
      <Shown />
    </LoginWall>
  );
}

function Shown() {
  const { number = "" } = useRouter().params;
  const request = useRequest(() => trade.order(number), [number]);
  const shown = useRef(false);
  useDidShow(() => {
    if (shown.current) void request.reload();
    shown.current = true;
  });
  const order = request.data;
  const footed = order !== null && actions(order, Date.now()).length > 0;
  return (
    <Page
      title="订单详情"
      footer={
        footed && (
          <View className="order-foot">
            <OrderActions order={order} onChange={request.set} />
          </View>
        )
      }
    >
      <Loaded request={request}>{(data) => <Detail order={data} onOver={() => void request.reload()} />}</Loaded>
    </Page>
  );
}

function Detail({ order, onOver }: { order: Order; onOver: () => void }) {
  const text = stateText(order.state);
  const reviewable = order.state === "received" || order.state === "completed";
  const review = (line: OrderLine) => {
    handover.reviewing = { orderNumber: order.number, line };
    go("review");
  };
  return (
    <>
      <View className="order-state">
        <View>
          <View className="order-state-title">{text.title}</View>
          <View className="order-state-hint">
            {order.state === "pending" && order.pay_until ? (
              <PayLeft until={order.pay_until} onOver={onOver} />
            ) : (
              text.hint
            )}
          </View>
        </View>
        <Icon name={ICONS[order.state] ?? "check"} size={48} className="order-state-icon" />
      </View>
      {order.shipment && (
        <View className="order-card order-shipment" onClick={() => go("tracking", { number: order.number })}>
          <Icon name="truck" size={20} />
          <View className="order-shipment-text">
            <View>{order.shipment.carrier}</View>
            <View className="order-shipment-number">{order.shipment.tracking_number}</View>
          </View>
          <Icon name="next" size={14} className="field-next" />
        </View>
      )}
      <View className="order-card order-address">
        <AddressLine address={order.address} />
      </View>
      <View className="order-card order-lines">
        <OrderLines
          lines={order.items}
          onLine={(line) => go("product", { id: line.product_id })}
          extra={(line) =>
            reviewable && (
              <View className="order-review" onClick={(event) => event.stopPropagation()}>
                <Button size="s" kind="line" onClick={() => review(line)}>
                  评价
                </Button>
              </View>
            )
          }
        />
      </View>
      <View className="order-card">
        <Field label="商品金额">{price(order.goods_fen)}</Field>
        <Field label="运费">{order.freight_fen === 0 ? "包邮" : price(order.freight_fen)}</Field>
        {order.discount_fen > 0 && <Field label="优惠">-{price(order.discount_fen)}</Field>}
        {order.refunded_fen > 0 && <Field label="已退款">{price(order.refunded_fen)}</Field>}
        <Field label={order.paid_at ? "实付款" : "应付款"}>
          <Price fen={order.total_fen} />
        </Field>
      </View>
      <View className="order-card order-facts">
        <Fact label="订单编号" value={order.number} copy />
        {order.remark && <Fact label="备注" value={order.remark} />}
        <Fact label="下单时间" value={moment(order.created_at)} />
        {order.paid_at && <Fact label="付款时间" value={moment(order.paid_at)} />}
        {order.shipped_at && <Fact label="发货时间" value={moment(order.shipped_at)} />}
      </View>
      <View className="order-help" onClick={() => go("service", { order: order.number })}>
        <Icon name="chat" size={16} />
        联系客服
      </View>
    </>
  );
}

function PayLeft({ until, onOver }: { until: string; onOver: () => void }) {
  const at = Date.parse(until);
  const now = useNow();
  const told = useRef(false);
  if (now >= at && !told.current) {
    told.current = true;
    setTimeout(onOver, 2000);
  }
  return <Text>{now >= at ? "支付时间已过，订单即将关闭" : `请在 ${leftText(at, now)} 内完成支付`}</Text>;
}

function Fact({ label, value, copy = false }: { label: string; value: string; copy?: boolean }) {
  return (
    <View className="order-fact">
      <Text className="order-fact-label">{label}</Text>
      <Text className="order-fact-value">{value}</Text>
      {copy && (
        <Text className="copy" onClick={() => void Taro.setClipboardData({ data: value })}>
          复制
        </Text>
      )}
    </View>
  );
}
