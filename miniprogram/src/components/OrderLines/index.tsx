import { View } from "@tarojs/components";
import type { ReactNode } from "react";

import type { OrderLine } from "@/api/types";
import { Picture } from "@/components/Picture";
import { Price } from "@/components/Price";
import { attributeText } from "@/logic/sku";

import "./index.scss";

interface Props {
  lines: readonly OrderLine[];
  onLine?: (line: OrderLine) => void;
  extra?: (line: OrderLine) => ReactNode;
}

/** What is bought: picture, name, attributes, price and how many. */
export function OrderLines({ lines, onLine, extra }: Props) {
  return (
    <>
      {lines.map((line) => (
        <View key={line.sku_id} className="line" onClick={() => onLine?.(line)}>
          <Picture className="line-picture" src={line.image_url} />
          <View className="line-text">
            <View className="line-name">{line.name}</View>
            <View className="line-spec">{attributeText(line.attributes)}</View>
            {extra?.(line)}
          </View>
          <View className="line-numbers">
            <Price size="s" fen={line.price_fen} />
            <View className="line-quantity">×{line.quantity}</View>
          </View>
        </View>
      ))}
    </>
  );
}
