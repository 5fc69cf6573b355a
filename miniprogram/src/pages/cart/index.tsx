import { Text, View } from "@tarojs/components";
import { useDidShow } from "@tarojs/taro";
import { useState } from "react";

import { catalog } from "@/api/catalog";
import { trade } from "@/api/trade";
import type { Cart, CartItem } from "@/api/types";
import { Button } from "@/components/Button";
import { Check } from "@/components/Check";
import { Icon } from "@/components/Icon";
import { Page } from "@/components/Page";
import { Picture } from "@/components/Picture";
import { Price } from "@/components/Price";
import { Empty, Loaded } from "@/components/Status";
import { Stepper } from "@/components/Stepper";
import { Waterfall } from "@/components/Waterfall";
import { go, tab } from "@/hooks/routes";
import { ask, useAct } from "@/hooks/useAct";
import { useRequest } from "@/hooks/useRequest";
import { orderable, selection, toggled, toggledAll } from "@/logic/cart";
import { attributeText } from "@/logic/sku";
import { seen } from "@/state/cart";
import { handover } from "@/state/handover";
import { session, useLoggedIn } from "@/state/session";

import "./index.scss";

export default function CartPage() {
  const loggedIn = useLoggedIn();
  const cart = useRequest(async () => seen(await trade.cart()), [loggedIn]);
  const forYou = useRequest(catalog.forYou, []);
  const [aside, setAside] = useState<ReadonlySet<number>>(new Set<number>());
  const { busy, act } = useAct();
  useDidShow(() => void cart.reload());

  const change = (what: () => Promise<Cart>) =>
    act(async () => {
      try {
        cart.set(seen(await what()));
      } catch (failure) {
        // What is shown may be the reason: the stock of a minute ago.
        void cart.reload();
        throw failure;
      }
    });
  const drop = async (item: CartItem) => {
    if (await ask("移出购物车？", item.name, "移出")) await change(() => trade.removeFromCart(item.sku_id));
  };
  const items = cart.data?.items ?? [];
  const picked = selection(items, aside);
  const checkout = () =>
    act(async () => {
      await session.require();
      handover.purchase = { items: picked.items.map(({ sku_id, quantity }) => ({ sku_id, quantity })) };
      go("checkout");
    });

  return (
    <Page
      title={cart.data?.count ? `购物车 (${cart.data.count})` : "购物车"}
      tab="cart"
      footer={
        items.length > 0 && (
          <View className="cart-foot">
            <View className="cart-all" onClick={() => setAside(toggledAll(items, aside))}>
              <Check on={picked.all} />
              全选
            </View>
            <View className="cart-total">
              <Text className="cart-total-label">合计</Text>
              <Price size="l" fen={picked.totalFen} />
            </View>
            <Button disabled={picked.count === 0} busy={busy} onClick={() => void checkout()}>
              {`去结算${picked.count ? ` (${picked.count})` : ""}`}
            </Button>
          </View>
        )
      }
    >
      <Loaded request={cart}>
        {({ items: lines }) =>
          lines.length === 0 ? (
            <Empty icon="cart" title="购物车还是空的" hint="去挑几件喜欢的吧" action="去逛逛" onAction={() => tab("home")} />
          ) : (
            <View className="cart-lines">
              {lines.map((item) => (
                <Line
                  key={item.sku_id}
                  item={item}
                  picked={picked.items.includes(item)}
                  onPick={() => setAside(toggled(aside, item.sku_id))}
                  onQuantity={(quantity) => void change(() => trade.setQuantity(item.sku_id, quantity))}
                  onDrop={() => void drop(item)}
                />
              ))}
            </View>
          )
        }
      </Loaded>
      {!!forYou.data?.items.length && (
        <>
          <View className="list-title">— 猜你喜欢 —</View>
          <Waterfall cards={forYou.data.items} />
        </>
      )}
    </Page>
  );
}

interface LineProps {
  item: CartItem;
  picked: boolean;
  onPick: () => void;
  onQuantity: (quantity: number) => void;
  onDrop: () => void;
}

function Line({ item, picked, onPick, onQuantity, onDrop }: LineProps) {
  const gone = !item.available || item.stock === 0;
  return (
    <View className={`cart-line ${gone ? "cart-line-gone" : ""}`}>
      <View className="cart-check" onClick={() => orderable(item) && onPick()}>
        <Check on={picked} off={!orderable(item)} />
      </View>
      <Picture className="cart-picture" src={item.image_url} onClick={() => go("product", { id: item.product_id })} />
      <View className="cart-text">
        <View className="cart-name" onClick={() => go("product", { id: item.product_id })}>
          {item.name}
        </View>
        <View className="cart-row">
          <Text className="cart-spec">{attributeText(item.attributes) || "默认"}</Text>
          <View className="cart-drop" onClick={onDrop}>
            <Icon name="trash" size={16} />
          </View>
        </View>
        {gone && <View className="cart-note">{item.available ? "已售罄" : "已下架"}</View>}
        {!gone && item.quantity > item.stock && <View className="cart-note">仅剩 {item.stock} 件，请减少数量</View>}
        <View className="cart-row cart-numbers">
          <Price fen={item.price_fen} />
          {!gone && (
            <Stepper value={item.quantity} most={Math.max(Math.min(item.stock, 99), item.quantity)} onChange={onQuantity} />
          )}
        </View>
      </View>
    </View>
  );
}
