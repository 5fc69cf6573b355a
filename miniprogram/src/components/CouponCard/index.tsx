import { Text, View } from "@tarojs/components";
import type { ReactNode } from "react";

import type { Coupon } from "@/api/types";
import { shortYuan } from "@/logic/money";
import { validity } from "@/logic/time";

import "./index.scss";

interface Props {
  coupon: Coupon;
  off?: boolean;
  end?: ReactNode;
  onClick?: () => void;
}

export function CouponCard({ coupon, off = false, end, onClick }: Props) {
  return (
    <View className={`coupon ${off ? "coupon-off" : ""}`} onClick={() => onClick?.()}>
      <View className="coupon-value">
        <View>
          <Text className="coupon-sign">¥</Text>
          <Text className="coupon-amount">{shortYuan(coupon.discount_fen)}</Text>
        </View>
        <View className="coupon-threshold">
          {coupon.threshold_fen > 0 ? `满 ${shortYuan(coupon.threshold_fen)} 可用` : "无门槛"}
        </View>
      </View>
      <View className="coupon-text">
        <View className="coupon-name">{coupon.name}</View>
        <View className="coupon-until">{validity(coupon.valid_until, Date.now())}</View>
      </View>
      <View className="coupon-end">{end}</View>
    </View>
  );
}
