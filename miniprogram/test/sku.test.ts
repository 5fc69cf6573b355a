import assert from "node:assert/strict";
import { test } from "node:test";

import type { Sku } from "@/api/types";
import { attributeText, choose, chosenSku, clampQuantity, dimensions, initialChoice } from "@/logic/sku";

function sku(id: number, attributes: Record<string, string>, stock: number): Sku {
  return { id, code: `S${id}`, attributes, price_fen: 100 * id, market_price_fen: null, stock, image_url: null };
}

const SKUS = [
  sku(1, { 颜色: "黑", 尺寸: "M" }, 0),
  sku(2, { 颜色: "黑", 尺寸: "L" }, 3),
  sku(3, { 颜色: "白", 尺寸: "M" }, 5),
];

test("dimensions come in the order of the SKUs, values without repeats", () => {
  const found = dimensions(SKUS, {});
  assert.deepEqual(
    found.map((one) => [one.name, one.options.map((option) => option.value)]),
    [
      ["颜色", ["黑", "白"]],
      ["尺寸", ["M", "L"]],
    ],
  );
});

test("what is sold out together with the choice is marked", () => {
  const size = dimensions(SKUS, { 颜色: "黑" })[1]!;
  assert.deepEqual(
    size.options.map((option) => [option.value, option.possible]),
    [
      ["M", false],
      ["L", true],
    ],
  );
});

test("a SKU is found once every dimension is chosen, and not before", () => {
  assert.equal(chosenSku(SKUS, { 颜色: "黑" }), null);
  assert.equal(chosenSku(SKUS, { 颜色: "黑", 尺寸: "L" })?.id, 2);
});

test("choosing a value drops what no SKU has together with it", () => {
  assert.deepEqual(choose(SKUS, { 颜色: "黑", 尺寸: "L" }, "颜色", "白"), { 颜色: "白" });
  assert.deepEqual(choose(SKUS, { 颜色: "黑", 尺寸: "M" }, "颜色", "白"), { 颜色: "白", 尺寸: "M" });
});

test("choosing the chosen takes it back", () => {
  assert.deepEqual(choose(SKUS, { 颜色: "黑", 尺寸: "L" }, "尺寸", "L"), { 颜色: "黑" });
});

test("first comes what is in stock", () => {
  assert.deepEqual(initialChoice(SKUS), { 颜色: "黑", 尺寸: "L" });
  assert.deepEqual(initialChoice([SKUS[0]!]), { 颜色: "黑", 尺寸: "M" });
  assert.deepEqual(initialChoice([]), {});
});

test("a product of one SKU without attributes is chosen by itself", () => {
  assert.equal(chosenSku([sku(9, {}, 1)], {})?.id, 9);
});

test("a quantity stays between one and what there is", () => {
  assert.equal(clampQuantity(0, 5), 1);
  assert.equal(clampQuantity(7, 5), 5);
  assert.equal(clampQuantity(500, 1000), 99);
});

test("attributes are told in one line", () => {
  assert.equal(attributeText({ 颜色: "黑", 尺寸: "L" }), "黑 / L");
  assert.equal(attributeText({}), "");
});
