import { View } from "@tarojs/components";

import { Icon } from "@/components/Icon";

import "./index.scss";

/** A round box to tick. */
export function Check({ on, off = false, onClick }: { on: boolean; off?: boolean; onClick?: () => void }) {
  return (
    <View className={`check ${on ? "check-on" : ""} ${off ? "check-off" : ""}`} onClick={() => off || onClick?.()}>
      {on && <Icon name="check" size={14} />}
    </View>
  );
}
