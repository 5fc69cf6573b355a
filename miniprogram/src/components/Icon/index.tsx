import { View } from "@tarojs/components";

import "./index.scss";

export type IconName =
  | "home"
  | "grid"
  | "cart"
  | "person"
  | "search"
  | "back"
  | "next"
  | "down"
  | "close"
  | "plus"
  | "minus"
  | "check"
  | "trash"
  | "share"
  | "chat"
  | "star"
  | "pin"
  | "ticket"
  | "truck"
  | "box"
  | "wallet"
  | "refund"
  | "pencil"
  | "clock"
  | "camera"
  | "bolt"
  | "sort"
  | "shield"
  | "phone"
  | "exit"
  | "filter"
  | "cloud";

/** A drawing of one colour, that of the text around it. */
export function Icon({ name, size = 20, className = "" }: { name: IconName; size?: number; className?: string }) {
  return <View className={`icon icon-${name} icon-size-${size} ${className}`} />;
}
