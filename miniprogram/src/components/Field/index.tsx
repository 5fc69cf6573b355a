import { Text, View } from "@tarojs/components";
import type { PropsWithChildren, ReactNode } from "react";

import { Icon } from "@/components/Icon";

import "./index.scss";

/** A line of a form or of a list of links: what it is, and on the right its value. */
export function Field({
  label,
  link = false,
  onClick,
  children,
}: PropsWithChildren<{ label: ReactNode; link?: boolean; onClick?: () => void }>) {
  return (
    <View className="field" onClick={() => onClick?.()}>
      <Text className="field-label">{label}</Text>
      <View className="field-value">{children}</View>
      {link && <Icon name="next" size={14} className="field-next" />}
    </View>
  );
}
