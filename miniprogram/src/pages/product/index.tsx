import { ScrollView, Swiper, SwiperItem, Text, View } from "@tarojs/components";
import Taro, { useRouter, useShareAppMessage } from "@tarojs/taro";
import { useState } from "react";

import { catalog } from "@/api/catalog";
import { trade } from "@/api/trade";
import type { Product, Sku } from "@/api/types";
import { Button, ShareButton } from "@/components/Button";
import { Field } from "@/components/Field";
import { Icon } from "@/components/Icon";
import { Page } from "@/components/Page";
import { Picture } from "@/components/Picture";
import { Price } from "@/components/Price";
import { ReviewItem } from "@/components/ReviewItem";
import { type Purpose, SkuSheet } from "@/components/SkuSheet";
import { Stars } from "@/components/Stars";
import { Failed, Skeleton } from "@/components/Status";
import { back, go, tab } from "@/hooks/routes";
import { say, useAct } from "@/hooks/useAct";
import { useRequest } from "@/hooks/useRequest";
import { price, soldCount } from "@/logic/money";
import { attributeText, type Choice, chosenSku, initialChoice } from "@/logic/sku";
import { isWeapp } from "@/platform";
import { seen, useCartCount } from "@/state/cart";
import { handover } from "@/state/handover";
import { session } from "@/state/session";

import "./index.scss";

export default function ProductPage() {
  const id = Number(useRouter().params.id);
  const product = useRequest(() => catalog.product(id), [id]);
  useShareAppMessage(() => ({
    title: product.data ? `${product.data.name} ${price(product.data.price_fen)}` : "拾光小铺",
    path: `/pages/product/index?id=${id}`,
    ...(product.data?.image_url ? { imageUrl: product.data.image_url } : {}),
  }));
  if (product.data) return <Shown product={product.data} onStale={() => void product.reload()} />;
  return (
    <Page title="商品详情">
      {product.error ? (
        <Failed error={product.error} onRetry={() => void product.reload()} />
      ) : (
        <>
          <View className="product-hole" />
          <Skeleton kind="block" rows={3} />
        </>
      )}
    </Page>
  );
}

function Shown({ product, onStale }: { product: Product; onStale: () => void }) {
  const [choice, setChoice] = useState<Choice>(() => initialChoice(product.skus));
  const [sheet, setSheet] = useState<Purpose | null>(null);
  const { busy, act } = useAct();
  const sku = chosenSku(product.skus, choice);
  const gone = product.skus.every((one) => one.stock === 0);

  const take = (picked: Sku, quantity: number, aim: "cart" | "buy") =>
    act(async () => {
      if (aim === "cart") {
        seen(await trade.addToCart(picked.id, quantity).finally(onStale));
        say("已加入购物车");
      } else {
        await session.require();
        handover.purchase = { items: [{ sku_id: picked.id, quantity }] };
        go("checkout");
      }
      setSheet(null);
    });

  return (
    <Page title={product.name} bare footer={<Actions gone={gone} onOpen={setSheet} />}>
      <Gallery product={product} />
      <View className="product-card product-head">
        <View className="product-price">
          <Price size="xl" fen={sku?.price_fen ?? product.price_fen} was={sku ? sku.market_price_fen : product.market_price_fen} />
          <Text className="product-sold">已售 {soldCount(product.sold)}</Text>
        </View>
        <View className="product-title">
          <View className="product-name">{product.name}</View>
          <ShareButton className="product-share" onShare={share}>
            <Icon name="share" size={20} />
            <Text className="product-share-text">分享</Text>
          </ShareButton>
        </View>
        {product.subtitle && <View className="product-subtitle">{product.subtitle}</View>}
      </View>
      <View className="product-card">
        <Field label="已选" link onClick={() => setSheet("both")}>
          <Text className="product-chosen">{sku ? attributeText(sku.attributes) || "默认" : "请选择规格"}</Text>
        </Field>
        <Field label="服务">
          <Text className="product-service">正品保障 · 七天无理由 · 极速退款</Text>
        </Field>
      </View>
      <ReviewCard product={product} />
      <Together id={product.id} />
      <View className="product-card product-detail">
        <View className="product-heading">商品详情</View>
        <Text className="product-description" userSelect>
          {product.description || "商家还没有写下介绍。"}
        </Text>
        {product.images.map((url) => (
          <Picture key={url} className="product-detail-picture" src={url} natural />
        ))}
      </View>
      <SkuSheet
        product={product}
        open={sheet !== null}
        purpose={sheet ?? "both"}
        busy={busy}
        choice={choice}
        onChoice={setChoice}
        onTake={(picked, quantity, aim) => void take(picked, quantity, aim)}
        onClose={() => setSheet(null)}
      />
    </Page>
  );
}

function share(): void {
  void Taro.setClipboardData({ data: window.location.href }).then(() => say("链接已复制，去分享给好友吧"));
}

function Gallery({ product }: { product: Product }) {
  const [at, setAt] = useState(0);
  const pictures = product.images.length ? product.images : [product.image_url];
  return (
    <View className="gallery">
      {!isWeapp && (
        <View className="gallery-back" onClick={back}>
          <Icon name="back" size={20} />
        </View>
      )}
      <Swiper className="gallery-swiper" circular onChange={(event) => setAt(event.detail.current)}>
        {pictures.map((url, index) => (
          <SwiperItem key={`${url}${index}`}>
            <Picture
              className="gallery-picture"
              src={url}
              onClick={() => url && void Taro.previewImage({ current: url, urls: product.images })}
            />
          </SwiperItem>
        ))}
      </Swiper>
      {pictures.length > 1 && (
        <View className="gallery-count">
          {at + 1}/{pictures.length}
        </View>
      )}
    </View>
  );
}

function ReviewCard({ product }: { product: Product }) {
  const { count, average } = product.reviews;
  const reviews = useRequest(() => catalog.reviews(product.id, 1, 2), [product.id]);
  return (
    <View className="product-card">
      <View className="product-heading" onClick={() => go("reviews", { id: product.id })}>
        <Text>商品评价</Text>
        <Text className="product-heading-count">{count}</Text>
        {average !== null && count > 0 && (
          <View className="product-heading-stars">
            <Stars value={average} />
            <Text>{average.toFixed(1)}</Text>
          </View>
        )}
        <View className="product-heading-more">
          全部
          <Icon name="next" size={12} />
        </View>
      </View>
      {reviews.data?.items.length ? (
        <View className="product-reviews">
          {reviews.data.items.map((review) => (
            <ReviewItem key={review.id} review={review} />
          ))}
        </View>
      ) : (
        <View className="product-none">{reviews.error ?? (reviews.loading ? "加载中…" : "还没有评价，来做第一位吧")}</View>
      )}
    </View>
  );
}

/** What goes with it; not worth an error message when it doesn't come. */
function Together({ id }: { id: number }) {
  const found = useRequest(() => catalog.boughtTogether(id), [id]);
  if (!found.data?.items.length) return null;
  return (
    <View className="product-card">
      <View className="product-heading">看了又看 · 搭配购买</View>
      <ScrollView scrollX className="together">
        <View className="together-row">
          {found.data.items.map((card) => (
            <View key={card.id} className="together-one" onClick={() => go("product", { id: card.id })}>
              <Picture className="together-picture" src={card.image_url} />
              <View className="together-name">{card.name}</View>
              <Price size="s" fen={card.price_fen} />
            </View>
          ))}
        </View>
      </ScrollView>
    </View>
  );
}

function Actions({ gone, onOpen }: { gone: boolean; onOpen: (purpose: Purpose) => void }) {
  const count = useCartCount();
  return (
    <View className="actions">
      <View className="actions-link" onClick={() => go("service")}>
        <Icon name="chat" size={22} />
        <Text>客服</Text>
      </View>
      <View className="actions-link" onClick={() => tab("cart")}>
        <Icon name="cart" size={22} />
        <Text>购物车</Text>
        {count > 0 && <Text className="tabs-badge actions-badge">{count > 99 ? "99+" : count}</Text>}
      </View>
      <View className="actions-buttons">
        {gone ? (
          <Button wide disabled>
            已售罄
          </Button>
        ) : (
          <>
            <View className="actions-cart" onClick={() => onOpen("cart")}>
              加入购物车
            </View>
            <View className="actions-buy" onClick={() => onOpen("buy")}>
              立即购买
            </View>
          </>
        )}
      </View>
    </View>
  );
}
