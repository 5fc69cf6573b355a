import { ScrollView, Text, View } from "@tarojs/components";
import Taro, { useDidShow, usePullDownRefresh, useRouter } from "@tarojs/taro";
import { useRef, useState } from "react";

import { trade } from "@/api/trade";
import type { Order, OrderState } from "@/api/types";
import { LoginWall } from "@/components/LoginWall";
import { OrderActions } from "@/components/OrderActions";
import { OrderLines } from "@/components/OrderLines";
import { Page } from "@/components/Page";
import { Price } from "@/components/Price";
import { Empty, Failed, ListEnd, Skeleton } from "@/components/Status";
import { go, tab } from "@/hooks/routes";
import { useNow } from "@/hooks/useNow";
import { usePages } from "@/hooks/usePages";
import { stateText, TABS } from "@/logic/orders";
import { leftText } from "@/logic/time";

import "./index.scss";

export default function OrdersPage() {
  const asked = useRouter().params.state ?? "";
  const [state, setState] = useState(TABS.find((one) => one.state === asked)?.state ?? "");
  return (
    <Page title="我的订单">
      <ScrollView scrollX className="orders-tabs">
        <View className="orders-tabs-row">
          {TABS.map((one) => (
            <View
              key={one.state}
              className={`orders-tab ${one.state === state ? "orders-tab-current" : ""}`}
              onClick={() => setState(one.state)}
            >
              {one.title}
            </View>
          ))}
        </View>
      </ScrollView>
      <LoginWall>
        <List key={state} state={state} />
      </LoginWall>
    </Page>
  );
}

function List({ state }: { state: OrderState | "" }) {
  const pages = usePages((page) => trade.orders(state, page), [state]);
  const shown = useRef(false);
  useDidShow(() => {
    // Coming back from an order, which may have changed there.
    if (shown.current) pages.reload();
    shown.current = true;
  });
  usePullDownRefresh(() => {
    pages.reload();
    Taro.stopPullDownRefresh();
  });
  if (pages.first) return pages.error ? <Failed error={pages.error} onRetry={pages.reload} /> : <Skeleton rows={4} />;
  if (!pages.items.length) return <Empty title="还没有相关订单" action="去逛逛" onAction={() => tab("home")} />;
  return (
    <View className="orders">
      {pages.items.map((order) => (
        <Entry
          key={order.number}
          order={order}
          onChange={(changed) =>
            pages.replace((orders) => orders.map((one) => (one.number === changed.number ? changed : one)))
          }
        />
      ))}
      <ListEnd pages={pages} />
    </View>
  );
}

function Entry({ order, onChange }: { order: Order; onChange: (order: Order) => void }) {
  const waiting = order.state === "pending" && order.pay_until !== null;
  const now = useNow(waiting);
  const count = order.items.reduce((sum, line) => sum + line.quantity, 0);
  return (
    <View className="orders-one" onClick={() => go("order", { number: order.number })}>
      <View className="orders-head">
        <Text className="orders-number">订单 {order.number}</Text>
        <Text className="orders-state">
          {stateText(order.state).title}
          {waiting && ` ${leftText(Date.parse(order.pay_until!), now)}`}
        </Text>
      </View>
      <OrderLines lines={order.items} />
      <View className="orders-total">
        <Text>
          共 {count} 件，{order.paid_at ? "实付" : "应付"}
        </Text>
        <Price fen={order.total_fen} />
      </View>
      <OrderActions order={order} onChange={onChange} />
    </View>
  );
}
