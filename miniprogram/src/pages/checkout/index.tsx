import { Input, Text, View } from "@tarojs/components";
import { useDidShow } from "@tarojs/taro";
import { useRef, useState } from "react";

import { ApiFailure } from "@/api/failure";
import { people } from "@/api/people";
import { Submission } from "@/api/submission";
import { trade } from "@/api/trade";
import type { Address, Order, OrderLine, Quote } from "@/api/types";
import { AddressLine } from "@/components/AddressLine";
import { Button } from "@/components/Button";
import { CouponSheet } from "@/components/CouponSheet";
import { Field } from "@/components/Field";
import { Icon } from "@/components/Icon";
import { OrderLines } from "@/components/OrderLines";
import { Page } from "@/components/Page";
import { Price } from "@/components/Price";
import { Empty, Loaded, Skeleton } from "@/components/Status";
import { go, goInstead, tab } from "@/hooks/routes";
import { say, useAct } from "@/hooks/useAct";
import { useRequest } from "@/hooks/useRequest";
import { price } from "@/logic/money";
import { refreshCart } from "@/state/cart";
import { handover, type Purchase } from "@/state/handover";
import { payOrder } from "@/state/paying";
import { randomText } from "@/state/tokens";

import "./index.scss";

export default function CheckoutPage() {
  const [purchase] = useState(() => handover.purchase);
  if (!purchase) {
    return (
      <Page title="确认订单">
        <Empty icon="cart" title="没有要结算的商品" action="去购物车" onAction={() => tab("cart")} />
      </Page>
    );
  }
  return <Checkout purchase={purchase} />;
}

/** A flash sale's price is its own, and it takes no coupons; freight is told with the order. */
function flashQuote({ items, flash }: Purchase): Quote | null {
  if (!flash) return null;
  const quantity = items[0]?.quantity ?? 1;
  const goods_fen = flash.price_fen * quantity;
  const line: OrderLine = { ...flash, attributes: {}, quantity, subtotal_fen: goods_fen };
  return { items: [line], goods_fen, freight_fen: 0, discount_fen: 0, total_fen: goods_fen, coupons: [] };
}

function Checkout({ purchase }: { purchase: Purchase }) {
  const [address, setAddress] = useState<Address | null>(null);
  const [coupon, setCoupon] = useState<number | undefined>(undefined);
  const [remark, setRemark] = useState("");
  const [choosing, setChoosing] = useState(false);
  const submission = useRef(new Submission(() => randomText(32)));
  const { busy, act } = useAct();

  const addresses = useRequest(async () => {
    const { items } = await people.addresses();
    setAddress((known) => known ?? items.find((one) => one.is_default) ?? items[0] ?? null);
    return items;
  }, []);
  const quote = useRequest(
    async () => flashQuote(purchase) ?? trade.quote(purchase.items, address?.id, coupon),
    [address?.id, coupon],
  );
  useDidShow(() => {
    if (handover.picked) setAddress(handover.picked);
    handover.picked = null;
  });

  const place = async (addressId: number): Promise<Order> => {
    if (purchase.flash) {
      const body = { quantity: purchase.items[0]?.quantity ?? 1, address_id: addressId };
      return trade.placeFlash(purchase.flash.id, body, submission.current.keyFor(body));
    }
    const body = {
      items: purchase.items,
      address_id: addressId,
      ...(coupon === undefined ? {} : { user_coupon_id: coupon }),
      ...(remark.trim() ? { remark: remark.trim() } : {}),
    };
    return trade.place(body, submission.current.keyFor(body));
  };
  const submit = () =>
    act(async () => {
      if (!address) return say("请先填写收货地址");
      const order = await place(address.id).catch((failure: unknown) => {
        // A refusal ends the submission: what is sent after it is another order.
        if (failure instanceof ApiFailure && failure.status >= 400 && failure.status < 500) submission.current.done();
        throw failure;
      });
      submission.current.done();
      handover.purchase = null;
      void refreshCart();
      try {
        const { outcome } = await payOrder(order.number);
        goInstead("paid", { number: order.number, outcome });
      } catch (failure) {
        // The order stands: it can be paid from its own page.
        goInstead("order", { number: order.number });
        throw failure;
      }
    });

  return (
    <Page
      title="确认订单"
      footer={
        quote.data && (
          <View className="checkout-foot">
            <View className="checkout-total">
              <Text>合计 </Text>
              <Price size="l" fen={quote.data.total_fen} />
              {quote.data.discount_fen > 0 && (
                <View className="checkout-saved">已优惠 {price(quote.data.discount_fen)}</View>
              )}
            </View>
            <Button size="l" busy={busy} onClick={() => void submit()}>
              提交订单
            </Button>
          </View>
        )
      }
    >
      <View className="checkout-address" onClick={() => go(address ? "addresses" : "address", { pick: 1 })}>
        {address ? (
          <AddressLine address={address} />
        ) : (
          <View className="checkout-no-address">
            <Icon name="pin" size={20} />
            <Text>{addresses.loading ? "读取收货地址…" : (addresses.error ?? "添加收货地址")}</Text>
          </View>
        )}
        <Icon name="next" size={16} className="checkout-next" />
      </View>
      <Loaded request={quote} skeleton={<Skeleton rows={3} />}>
        {(data) => (
          <>
            <View className="checkout-card checkout-lines">
              <OrderLines lines={data.items} />
            </View>
            <View className="checkout-card">
              <Field label="商品金额">{price(data.goods_fen)}</Field>
              <Field label="运费">
                {purchase.flash ? "以订单为准" : data.freight_fen === 0 ? "包邮" : price(data.freight_fen)}
              </Field>
              {!purchase.flash && (
                <Field label="优惠券" link onClick={() => setChoosing(true)}>
                  <Text className={data.discount_fen ? "checkout-discount" : ""}>
                    {data.discount_fen
                      ? `-${price(data.discount_fen)}`
                      : data.coupons.length
                        ? `${data.coupons.length} 张可用`
                        : "暂无可用"}
                  </Text>
                </Field>
              )}
              {!purchase.flash && (
                <Field label="备注">
                  <Input
                    className="checkout-remark"
                    placeholder="选填，给商家留言"
                    placeholderClass="placeholder"
                    maxlength={100}
                    value={remark}
                    onInput={(event) => setRemark(event.detail.value)}
                  />
                </Field>
              )}
            </View>
            <CouponSheet
              open={choosing}
              coupons={data.coupons}
              chosen={coupon}
              onChoose={(id) => {
                setCoupon(id);
                setChoosing(false);
              }}
              onClose={() => setChoosing(false)}
            />
          </>
        )}
      </Loaded>
      <View className="checkout-promise">
        <Icon name="shield" size={14} />
        微信支付 · 交易全程保障
      </View>
    </Page>
  );
}
