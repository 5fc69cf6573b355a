import { Text, View } from "@tarojs/components";

import type { Card } from "@/api/types";
import { Picture } from "@/components/Picture";
import { Price } from "@/components/Price";
import { go } from "@/hooks/routes";
import { soldCount } from "@/logic/money";

import "./index.scss";

/** A product as a tile of a waterfall, or as a line of a list. */
export function ProductCard({ card, line = false }: { card: Card; line?: boolean }) {
  return (
    <View className={`card ${line ? "card-line" : "card-tile"}`} onClick={() => go("product", { id: card.id })}>
      <View className="card-frame">
        <Picture className="card-picture" src={card.image_url} />
        {!card.in_stock && <View className="card-gone">已售罄</View>}
      </View>
      <View className="card-text">
        <View className="card-name">{card.name}</View>
        {card.subtitle && <View className="card-subtitle">{card.subtitle}</View>}
        <View className="card-foot">
          <Price fen={card.price_fen} was={card.market_price_fen} />
          {card.sold > 0 && <Text className="card-sold">已售 {soldCount(card.sold)}</Text>}
        </View>
      </View>
    </View>
  );
}
