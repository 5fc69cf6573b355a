import { ScrollView, Swiper, SwiperItem, Text, View } from "@tarojs/components";
import { useDidShow, usePullDownRefresh, useShareAppMessage } from "@tarojs/taro";
import Taro from "@tarojs/taro";

import { catalog } from "@/api/catalog";
import type { FlashSale, Home } from "@/api/types";
import { Countdown } from "@/components/Countdown";
import { Icon } from "@/components/Icon";
import { Page } from "@/components/Page";
import { Picture } from "@/components/Picture";
import { Price } from "@/components/Price";
import { Loaded, Skeleton } from "@/components/Status";
import { Waterfall } from "@/components/Waterfall";
import { go, tab } from "@/hooks/routes";
import { useRequest } from "@/hooks/useRequest";
import { showCategory } from "@/pages/category/shown";
import { refreshCart } from "@/state/cart";

import "./index.scss";

export default function HomePage() {
  const home = useRequest(catalog.home, []);
  const forYou = useRequest(catalog.forYou, []);
  useDidShow(() => void refreshCart());
  usePullDownRefresh(() => void Promise.all([home.reload(), forYou.reload()]).then(() => Taro.stopPullDownRefresh()));
  useShareAppMessage(() => ({ title: "拾光小铺：把喜欢的小日子带回家", path: "/pages/home/index" }));

  return (
    <Page title="拾光小铺" tab="home" bare>
      <View className="home-top">
        <View className="home-brand">
          <Text className="home-name">拾光小铺</Text>
          <Text className="home-motto">好物不贵，日子有光</Text>
        </View>
        <View className="home-search" onClick={() => go("search")}>
          <Icon name="search" size={18} />
          <Text className="home-search-hint">搜索商品，试试“手机壳”</Text>
          <Text className="home-search-button">搜索</Text>
        </View>
      </View>
      <Loaded request={home} skeleton={<Skeleton kind="tile" rows={4} />}>
        {(data) => (
          <>
            <Banners banners={data.banners} />
            <Promises />
            {data.categories.length > 0 && <Categories categories={data.categories} />}
            {data.flash_sales.length > 0 && <FlashStrip sales={data.flash_sales} onOver={() => void home.reload()} />}
            <View className="home-title">
              <Text className="home-title-text">为你精选</Text>
              <Text className="home-title-hint">人气好物 每日上新</Text>
            </View>
            <Waterfall cards={data.featured} />
            {!!forYou.data?.items.length && (
              <>
                <View className="home-title">
                  <Text className="home-title-text">猜你喜欢</Text>
                </View>
                <Waterfall cards={forYou.data.items} />
              </>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Banners({ banners }: Pick<Home, "banners">) {
  if (!banners.length) return null;
  return (
    <Swiper className="home-banners" autoplay circular indicatorDots={banners.length > 1} indicatorActiveColor="#fff" indicatorColor="rgba(255,255,255,.45)">
      {banners.map((banner) => (
        <SwiperItem key={`${banner.title}${banner.product_id}`}>
          <View
            className="home-banner"
            onClick={() => banner.product_id !== null && go("product", { id: banner.product_id })}
          >
            <Picture className="home-banner-picture" src={banner.image_url} />
          </View>
        </SwiperItem>
      ))}
    </Swiper>
  );
}

function Promises() {
  return (
    <View className="home-promises">
      {["正品保障", "极速发货", "七天无理由"].map((promise) => (
        <View key={promise} className="home-promise">
          <Icon name="shield" size={14} />
          <Text>{promise}</Text>
        </View>
      ))}
    </View>
  );
}

function Categories({ categories }: Pick<Home, "categories">) {
  return (
    <View className={`home-categories ${categories.length <= 4 || categories.length === 8 ? "home-categories-four" : ""}`}>
      {categories.slice(0, 10).map((category) => (
        <View
          key={category.slug}
          className="home-category"
          onClick={() => {
            showCategory(category.slug);
            tab("category");
          }}
        >
          <Picture className="home-category-picture" src={category.image_url} />
          <Text className="home-category-name">{category.name}</Text>
        </View>
      ))}
    </View>
  );
}

function FlashStrip({ sales, onOver }: { sales: FlashSale[]; onOver: () => void }) {
  const first = sales[0]!;
  const waiting = Date.parse(first.starts_at) > Date.now();
  return (
    <View className="home-flash">
      <View className="home-flash-head" onClick={() => go("flash")}>
        <Icon name="bolt" size={18} />
        <Text className="home-flash-title">限时抢购</Text>
        <Text className="home-flash-when">{waiting ? "距开始" : "距结束"}</Text>
        <Countdown until={waiting ? first.starts_at : first.ends_at} onOver={onOver} light />
        <View className="home-flash-more">
          更多
          <Icon name="next" size={12} />
        </View>
      </View>
      <ScrollView scrollX className="home-flash-scroll">
        <View className="home-flash-row">
          {sales.map((sale) => (
            <View key={sale.id} className="home-flash-one" onClick={() => go("flash")}>
              <Picture className="home-flash-picture" src={sale.image_url} />
              <View className="home-flash-name">{sale.name}</View>
              <Price size="s" fen={sale.price_fen} />
              <View className="home-flash-was">
                <Price size="s" fen={sale.original_price_fen} />
              </View>
            </View>
          ))}
        </View>
      </ScrollView>
    </View>
  );
}
