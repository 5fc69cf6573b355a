import assert from "node:assert/strict";
import { test } from "node:test";

import { parseYuan, price, shortYuan, soldCount, yuanParts } from "@/logic/money";

for (const [fen, text] of [
  [2990, "¥29.90"],
  [0, "¥0.00"],
  [5, "¥0.05"],
  [100, "¥1.00"],
  [123456789, "¥1234567.89"],
  [-250, "-¥2.50"],
] as const) {
  test(`${fen} fen are ${text}`, () => assert.equal(price(fen), text));
}

test("a price keeps both of its cents apart from the whole", () => {
  assert.deepEqual(yuanParts(19_907), { whole: "199", cents: "07" });
});

for (const [text, fen] of [
  ["20", 2000],
  ["20.5", 2050],
  [" 0.05 ", 5],
  ["1.239", null],
  ["-3", null],
  ["", null],
  ["二十", null],
] as const) {
  test(`somebody types ${JSON.stringify(text)}`, () => assert.equal(parseYuan(text), fen));
}

test("coupons are told as short as can be", () => {
  assert.equal(shortYuan(2000), "20");
  assert.equal(shortYuan(2050), "20.5");
});

test("large numbers of sales are told in ten thousands, never rounded up", () => {
  assert.equal(soldCount(9999), "9999");
  assert.equal(soldCount(10_000), "1万");
  assert.equal(soldCount(12_999), "1.2万");
});
