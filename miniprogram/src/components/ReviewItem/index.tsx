import { Text, View } from "@tarojs/components";
import Taro from "@tarojs/taro";

import type { Review } from "@/api/types";
import { Picture } from "@/components/Picture";
import { Stars } from "@/components/Stars";
import { attributeText } from "@/logic/sku";
import { moment } from "@/logic/time";

import "./index.scss";

export function ReviewItem({ review }: { review: Review }) {
  const spec = attributeText(review.attributes ?? {});
  return (
    <View className="review">
      <View className="review-head">
        {review.user.avatar_url ? (
          <Picture className="review-avatar" src={review.user.avatar_url} />
        ) : (
          <View className="review-avatar review-initial">{(review.user.nickname || "客").slice(0, 1)}</View>
        )}
        <View className="review-who">
          <View className="review-name">{review.user.nickname || "微信用户"}</View>
          <Stars value={review.rating} />
        </View>
        <Text className="review-date">{moment(review.written_at).slice(0, 10)}</Text>
      </View>
      <View className="review-text">{review.text || "此用户没有填写评价"}</View>
      {review.images.length > 0 && (
        <View className="review-pictures">
          {review.images.map((url) => (
            <Picture
              key={url}
              className="review-picture"
              src={url}
              onClick={() => void Taro.previewImage({ current: url, urls: review.images })}
            />
          ))}
        </View>
      )}
      {spec && <View className="review-spec">{spec}</View>}
      {review.reply && <View className="review-reply">商家回复：{review.reply}</View>}
    </View>
  );
}
