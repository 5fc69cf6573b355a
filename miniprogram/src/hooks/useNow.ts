import { useDidHide, useDidShow } from "@tarojs/taro";
import { useEffect, useState } from "react";

/** The time, every second while the page is seen and `ticking`. */
export function useNow(ticking = true): number {
  const [now, setNow] = useState(() => Date.now());
  const [shown, setShown] = useState(true);
  useDidShow(() => setShown(true));
  useDidHide(() => setShown(false));
  useEffect(() => {
    if (!ticking || !shown) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [ticking, shown]);
  return now;
}
