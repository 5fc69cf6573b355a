import { Text, View } from "@tarojs/components";
import { useRouter } from "@tarojs/taro";
import { useState } from "react";

import { catalog } from "@/api/catalog";
import { Page } from "@/components/Page";
import { ReviewItem } from "@/components/ReviewItem";
import { Stars } from "@/components/Stars";
import { Empty, Failed, ListEnd, Skeleton } from "@/components/Status";
import { usePages } from "@/hooks/usePages";

import "./index.scss";

export default function ReviewsPage() {
  const id = Number(useRouter().params.id);
  const [average, setAverage] = useState<number | null>(null);
  const pages = usePages(async (page) => {
    const answer = await catalog.reviews(id, page);
    setAverage(answer.average);
    return answer;
  }, [id]);
  return (
    <Page title="全部评价">
      {average !== null && pages.total > 0 && (
        <View className="reviews-head">
          <Text className="reviews-average">{average.toFixed(1)}</Text>
          <View>
            <Stars value={average} />
            <View className="reviews-total">{pages.total} 条评价</View>
          </View>
        </View>
      )}
      {pages.first && pages.error && <Failed error={pages.error} onRetry={pages.reload} />}
      {pages.first && !pages.error && <Skeleton kind="block" rows={5} />}
      {!pages.first && !pages.items.length && <Empty icon="star" title="还没有评价" />}
      {pages.items.length > 0 && (
        <View className="reviews-list">
          {pages.items.map((review) => (
            <ReviewItem key={review.id} review={review} />
          ))}
        </View>
      )}
      {!pages.first && <ListEnd pages={pages} />}
    </Page>
  );
}
