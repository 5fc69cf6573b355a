import { View } from "@tarojs/components";
import { useEffect, useState } from "react";

import type { Product, Sku } from "@/api/types";
import { Button } from "@/components/Button";
import { Picture } from "@/components/Picture";
import { Price } from "@/components/Price";
import { Sheet } from "@/components/Sheet";
import { Stepper } from "@/components/Stepper";
import { say } from "@/hooks/useAct";
import { attributeText, type Choice, choose, chosenSku, clampQuantity, dimensions } from "@/logic/sku";

import "./index.scss";

export type Purpose = "cart" | "buy" | "both";

interface Props {
  product: Product;
  open: boolean;
  purpose: Purpose;
  busy: boolean;
  choice: Choice;
  onChoice: (choice: Choice) => void;
  onTake: (sku: Sku, quantity: number, purpose: "cart" | "buy") => void;
  onClose: () => void;
}

/** Picks a SKU and a quantity, for the cart or for buying at once. */
export function SkuSheet({ product, open, purpose, busy, choice, onChoice, onTake, onClose }: Props) {
  const [quantity, setQuantity] = useState(1);
  const sku = chosenSku(product.skus, choice);
  const stock = sku?.stock ?? 0;
  useEffect(() => setQuantity((wanted) => clampQuantity(wanted, Math.max(stock, 1))), [stock]);

  const take = (aim: "cart" | "buy") => {
    if (sku) onTake(sku, quantity, aim);
    else say("请先选择规格");
  };
  const soldOut = sku !== null && stock === 0;
  return (
    <Sheet
      open={open}
      onClose={onClose}
      footer={
        <View className="button-row">
          {purpose !== "buy" && (
            <Button
              kind={purpose === "both" ? "soft" : "main"}
              size="l"
              className="button-grow"
              busy={busy}
              disabled={soldOut}
              onClick={() => take("cart")}
            >
              加入购物车
            </Button>
          )}
          {purpose !== "cart" && (
            <Button size="l" className="button-grow" busy={busy} disabled={soldOut} onClick={() => take("buy")}>
              {soldOut ? "已售罄" : "立即购买"}
            </Button>
          )}
        </View>
      }
    >
      <View className="sku-head">
        <Picture className="sku-picture" src={sku?.image_url || product.image_url} />
        <View className="sku-facts">
          <Price size="l" fen={sku?.price_fen ?? product.price_fen} was={sku ? sku.market_price_fen : null} />
          <View className="sku-stock">{sku ? (stock > 0 ? `库存 ${stock} 件` : "暂时缺货") : "请选择规格"}</View>
          {sku && <View className="sku-chosen">已选：{attributeText(sku.attributes) || "默认"}</View>}
        </View>
      </View>
      {dimensions(product.skus, choice).map((dimension) => (
        <View key={dimension.name} className="sku-dimension">
          <View className="sku-label">{dimension.name}</View>
          <View className="sku-options">
            {dimension.options.map((option) => (
              <View
                key={option.value}
                className={`sku-option ${option.chosen ? "sku-option-chosen" : ""} ${option.possible ? "" : "sku-option-gone"}`}
                onClick={() => onChoice(choose(product.skus, choice, dimension.name, option.value))}
              >
                {option.value}
              </View>
            ))}
          </View>
        </View>
      ))}
      <View className="sku-quantity">
        <View className="sku-label">数量</View>
        <Stepper value={quantity} most={clampQuantity(99, Math.max(stock, 1))} onChange={setQuantity} />
      </View>
    </Sheet>
  );
}
