import { View } from "@tarojs/components";

import "./index.scss";

/** Five stars; with `onChange` they can be pressed. */
export function Stars({ value, large = false, onChange }: { value: number; large?: boolean; onChange?: (v: number) => void }) {
  return (
    <View className={`stars ${large ? "stars-large" : ""}`}>
      {[1, 2, 3, 4, 5].map((one) => (
        <View key={one} className={`star ${value >= one - 0.25 ? "star-full" : ""}`} onClick={() => onChange?.(one)} />
      ))}
    </View>
  );
}
