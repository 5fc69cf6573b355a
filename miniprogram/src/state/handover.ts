/** What one page gives the next that is too much for an address. */
import type { Address, FlashSale, ItemOrder, OrderLine } from "@/api/types";

export interface Purchase {
  items: ItemOrder[];
  /** A flash sale has its own price and its own way of ordering. */
  flash?: FlashSale;
}

export const handover: {
  purchase: Purchase | null;
  /** The address that was picked, for the checkout; or the one to edit. */
  picked: Address | null;
  editing: Address | null;
  reviewing: { orderNumber: string; line: OrderLine } | null;
} = { purchase: null, picked: null, editing: null, reviewing: null };
