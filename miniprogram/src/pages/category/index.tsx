import { ScrollView, View } from "@tarojs/components";
import { useState } from "react";

import { catalog, type Sort } from "@/api/catalog";
import type { Category } from "@/api/types";
import { Icon } from "@/components/Icon";
import { Page } from "@/components/Page";
import { ProductCard } from "@/components/ProductCard";
import { Empty, Failed, ListEnd, Loaded, Skeleton } from "@/components/Status";
import { go } from "@/hooks/routes";
import { usePages } from "@/hooks/usePages";
import { useRequest } from "@/hooks/useRequest";
import { shown } from "@/pages/category/shown";
import { useStore } from "@/state/store";

import "./index.scss";

const SORTS: { sort: Sort; title: string }[] = [
  { sort: "default", title: "综合" },
  { sort: "sales", title: "销量" },
  { sort: "newest", title: "新品" },
  { sort: "price", title: "价格" },
];

export default function CategoryPage() {
  const categories = useRequest(catalog.categories, []);
  const wanted = useStore(shown);
  return (
    <Page title="分类" tab="category" bare>
      <View className="category-top">
        <View className="category-search" onClick={() => go("search")}>
          <Icon name="search" size={16} />
          搜索商品
        </View>
      </View>
      <Loaded request={categories}>
        {({ items }) => {
          const top = items.find((one) => holds(one, wanted)) ?? items[0];
          return top ? (
            <View className="category">
              <ScrollView scrollY className="category-side">
                {items.map((one) => (
                  <View
                    key={one.slug}
                    className={`category-name ${one === top ? "category-name-current" : ""}`}
                    onClick={() => shown.set(one.slug)}
                  >
                    {one.name}
                  </View>
                ))}
              </ScrollView>
              <List key={top.slug} top={top} wanted={wanted} />
            </View>
          ) : (
            <Empty title="还没有分类" />
          );
        }}
      </Loaded>
    </Page>
  );
}

function holds(category: Category, slug: string | null): boolean {
  return category.slug === slug || category.children.some((child) => child.slug === slug);
}

function List({ top, wanted }: { top: Category; wanted: string | null }) {
  const child = top.children.find((one) => one.slug === wanted);
  const slug = child?.slug ?? top.slug;
  const [sort, setSort] = useState<Sort>("default");
  const pages = usePages((page) => catalog.products(slug, sort, page), [slug, sort]);
  return (
    <View className="category-list">
      <View className="category-head">
        {top.children.length > 0 && (
          <ScrollView scrollX className="category-children">
            <View className="category-chips">
              {[{ slug: top.slug, name: "全部" }, ...top.children].map((one) => (
                <View
                  key={one.slug}
                  className={`category-chip ${one.slug === slug ? "category-chip-current" : ""}`}
                  onClick={() => shown.set(one.slug)}
                >
                  {one.name}
                </View>
              ))}
            </View>
          </ScrollView>
        )}
        <View className="category-sorts">
          {SORTS.map((one) => (
            <View
              key={one.sort}
              className={`category-sort ${one.sort === sort.replace("-", "") ? "category-sort-current" : ""}`}
              onClick={() => setSort(one.sort === "price" && sort === "price" ? "-price" : one.sort)}
            >
              {one.title}
              {one.sort === "price" && <Icon name="sort" size={12} />}
            </View>
          ))}
        </View>
      </View>
      {pages.first && pages.error && <Failed error={pages.error} onRetry={pages.reload} />}
      {pages.first && !pages.error && <Skeleton rows={5} />}
      {!pages.first && pages.total === 0 && <Empty title="这个分类还没有商品" />}
      <View className="category-cards">
        {pages.items.map((card) => (
          <ProductCard key={card.id} card={card} line />
        ))}
      </View>
      {!pages.first && <ListEnd pages={pages} />}
    </View>
  );
}
