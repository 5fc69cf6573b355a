import type { UserCoupon } from "@/api/types";
import { Check } from "@/components/Check";
import { CouponCard } from "@/components/CouponCard";
import { Field } from "@/components/Field";
import { Sheet } from "@/components/Sheet";
import { Empty } from "@/components/Status";

interface Props {
  open: boolean;
  coupons: UserCoupon[];
  chosen: number | undefined;
  onChoose: (id: number | undefined) => void;
  onClose: () => void;
}

export function CouponSheet({ open, coupons, chosen, onChoose, onClose }: Props) {
  return (
    <Sheet open={open} title="选择优惠券" onClose={onClose}>
      {coupons.length === 0 && <Empty icon="ticket" title="没有可用的优惠券" />}
      {coupons.map((one) => (
        <CouponCard
          key={one.id}
          coupon={one.coupon}
          end={<Check on={one.id === chosen} />}
          onClick={() => onChoose(one.id)}
        />
      ))}
      {coupons.length > 0 && (
        <Field label="不使用优惠券" onClick={() => onChoose(undefined)}>
          <Check on={chosen === undefined} />
        </Field>
      )}
    </Sheet>
  );
}
