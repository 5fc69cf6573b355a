/** How many things are in the cart, for the badge. */
import { trade } from "@/api/trade";
import type { Cart } from "@/api/types";
import { Store, useStore } from "@/state/store";

const count = new Store(0);

/** Every answer with a cart goes through here. */
export function seen(cart: Cart): Cart {
  count.set(cart.count);
  return cart;
}

/** The badge is not worth an error: it stays as it was. */
export async function refreshCart(): Promise<void> {
  await trade.cart().then(seen, (error) => console.warn("the cart can't be read", error));
}

export function useCartCount(): number {
  return useStore(count);
}
