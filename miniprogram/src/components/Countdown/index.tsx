import { Text, View } from "@tarojs/components";
import { useEffect } from "react";

import { useNow } from "@/hooks/useNow";
import { left } from "@/logic/time";

import "./index.scss";

/** Hours, minutes and seconds until a moment, each in its box. */
export function Countdown({ until, onOver, light = false }: { until: string; onOver?: () => void; light?: boolean }) {
  const at = Date.parse(until);
  const { over, days, hours, minutes, seconds } = left(at, useNow(Date.now() <= at));
  useEffect(() => {
    if (over) onOver?.();
  }, [over]);
  return (
    <View className={`countdown ${light ? "countdown-light" : ""}`}>
      {days > 0 && <Text className="countdown-days">{days}天</Text>}
      <Text className="countdown-box">{hours}</Text>
      <Text className="countdown-colon">:</Text>
      <Text className="countdown-box">{minutes}</Text>
      <Text className="countdown-colon">:</Text>
      <Text className="countdown-box">{seconds}</Text>
    </View>
  );
}
