import { View } from "@tarojs/components";

import type { Card } from "@/api/types";
import { ProductCard } from "@/components/ProductCard";

import "./index.scss";

/** Tiles in two columns, each as high as its content. */
export function Waterfall({ cards }: { cards: readonly Card[] }) {
  return (
    <View className="waterfall">
      {[0, 1].map((column) => (
        <View key={column} className="waterfall-column">
          {cards
            .filter((_, index) => index % 2 === column)
            .map((card) => (
              <ProductCard key={card.id} card={card} />
            ))}
        </View>
      ))}
    </View>
  );
}
