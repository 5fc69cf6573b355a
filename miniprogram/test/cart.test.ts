import assert from "node:assert/strict";
import { test } from "node:test";

import type { CartItem } from "@/api/types";
import { orderable, selection, toggled, toggledAll } from "@/logic/cart";

function item(sku_id: number, price_fen: number, quantity: number, more: Partial<CartItem> = {}): CartItem {
  return {
    sku_id,
    product_id: sku_id,
    name: `商品 ${sku_id}`,
    attributes: {},
    image_url: null,
    price_fen,
    quantity,
    subtotal_fen: price_fen * quantity,
    stock: 10,
    available: true,
    ...more,
  };
}

const ITEMS = [item(1, 2990, 2), item(2, 1001, 1), item(3, 500, 11), item(4, 500, 1, { available: false })];

test("everything that can be ordered is picked at first", () => {
  const { items, count, totalFen, all } = selection(ITEMS, new Set());
  assert.deepEqual(
    items.map((one) => one.sku_id),
    [1, 2],
  );
  assert.equal(count, 3);
  assert.equal(totalFen, 2 * 2990 + 1001);
  assert.equal(all, true);
});

test("what is put aside costs nothing", () => {
  const { totalFen, count, all } = selection(ITEMS, new Set([1]));
  assert.deepEqual([totalFen, count, all], [1001, 1, false]);
});

test("more than there is, sold out and off the shelf can't be ordered", () => {
  assert.deepEqual(ITEMS.map(orderable), [true, true, false, false]);
  assert.equal(orderable(item(5, 1, 1, { stock: 0 })), false);
});

test("an empty cart is not all picked", () => assert.equal(selection([], new Set()).all, false));

test("toggling one puts it aside and back, and leaves the old set alone", () => {
  const before = new Set<number>();
  const after = toggled(before, 1);
  assert.deepEqual([...after], [1]);
  assert.deepEqual([...toggled(after, 1)], []);
  assert.equal(before.size, 0);
});

test("toggling all picks all, and then none", () => {
  const none = toggledAll(ITEMS, new Set());
  assert.equal(selection(ITEMS, none).count, 0);
  assert.equal(selection(ITEMS, toggledAll(ITEMS, none)).all, true);
  assert.equal(selection(ITEMS, toggledAll(ITEMS, new Set([2]))).all, true);
});
