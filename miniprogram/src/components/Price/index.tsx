import { Text, View } from "@tarojs/components";

import { price, yuanParts } from "@/logic/money";

import "./index.scss";

type Size = "s" | "m" | "l" | "xl";

/** A price as shops print it: a small sign, a large number, small cents; and what it was before. */
export function Price({ fen, was, size = "m" }: { fen: number; was?: number | null | undefined; size?: Size }) {
  const { whole, cents } = yuanParts(fen);
  return (
    <View className={`price price-${size}`}>
      <Text className="price-sign">¥</Text>
      <Text className="price-whole">{whole}</Text>
      <Text className="price-cents">.{cents}</Text>
      {!!was && was > fen && <Text className="price-was">{price(was)}</Text>}
    </View>
  );
}
