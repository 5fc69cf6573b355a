import { Text, View } from "@tarojs/components";

import { trade } from "@/api/trade";
import type { Coupon, UserCoupon } from "@/api/types";
import { Button } from "@/components/Button";
import { CouponCard } from "@/components/CouponCard";
import { LoginWall } from "@/components/LoginWall";
import { Page } from "@/components/Page";
import { Empty, Loaded } from "@/components/Status";
import { tab } from "@/hooks/routes";
import { say, useAct } from "@/hooks/useAct";
import { useRequest } from "@/hooks/useRequest";

import "./index.scss";

const STATES: Record<UserCoupon["state"], string> = { unused: "去使用", used: "已使用", expired: "已过期" };

export default function CouponsPage() {
  return (
    <Page title="优惠券">
      <LoginWall>
        <List />
      </LoginWall>
    </Page>
  );
}

function List() {
  const coupons = useRequest(trade.coupons, []);
  const { busy, act } = useAct();
  const claim = (coupon: Coupon) =>
    act(async () => {
      await trade.claim(coupon.id).finally(() => void coupons.reload());
      say("领取成功");
    });
  return (
    <Loaded request={coupons}>
      {({ claimable, mine }) => (
        <View className="coupons">
          {claimable.length > 0 && <View className="coupons-title">可领取</View>}
          {claimable.map((coupon) => (
            <CouponCard
              key={coupon.id}
              coupon={coupon}
              end={
                <Button size="s" disabled={busy} onClick={() => void claim(coupon)}>
                  领取
                </Button>
              }
            />
          ))}
          {mine.length > 0 && <View className="coupons-title">我的优惠券</View>}
          {mine.map((one) => (
            <CouponCard
              key={one.id}
              coupon={one.coupon}
              off={one.state !== "unused"}
              end={
                <Text className={one.state === "unused" ? "coupons-use" : ""} onClick={() => one.state === "unused" && tab("home")}>
                  {STATES[one.state]}
                </Text>
              }
            />
          ))}
          {!claimable.length && !mine.length && <Empty icon="ticket" title="还没有优惠券" />}
        </View>
      )}
    </Loaded>
  );
}
