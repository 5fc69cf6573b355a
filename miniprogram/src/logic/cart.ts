/** What is picked in the cart, and what that costs. The server prices again at checkout. */
import type { CartItem } from "@/api/types";

/** Sold out, off the shelf or more than there is: it can't be ordered as it is. */
export function orderable(item: CartItem): boolean {
  return item.available && item.stock > 0 && item.quantity <= item.stock;
}

export interface Selection {
  items: CartItem[];
  count: number;
  totalFen: number;
  all: boolean;
}

/** Lines are picked unless they were put aside; lines that can't be ordered never are. */
export function selection(items: readonly CartItem[], aside: ReadonlySet<number>): Selection {
  const possible = items.filter(orderable);
  const picked = possible.filter((item) => !aside.has(item.sku_id));
  return {
    items: picked,
    count: picked.reduce((sum, item) => sum + item.quantity, 0),
    totalFen: picked.reduce((sum, item) => sum + item.price_fen * item.quantity, 0),
    all: possible.length > 0 && picked.length === possible.length,
  };
}

export function toggled(aside: ReadonlySet<number>, skuId: number): Set<number> {
  const next = new Set(aside);
  if (!next.delete(skuId)) next.add(skuId);
  return next;
}

/** All picked, or all put aside. */
export function toggledAll(items: readonly CartItem[], aside: ReadonlySet<number>): Set<number> {
  return selection(items, aside).all ? new Set(items.map((item) => item.sku_id)) : new Set();
}
