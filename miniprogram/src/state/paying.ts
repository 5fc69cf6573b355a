/** Paying an order: WeChat's dialogue, then the shop's own look at WeChat. */
import { trade } from "@/api/trade";
import type { Order } from "@/api/types";
import { platform } from "@/platform";

const LOOKS = 6;
const PAUSE_MS = 800;

export interface Paid {
  outcome: "paid" | "cancelled" | "unknown";
  order: Order | null;
}

/**
 * Asks the shop until it has seen the payment. What the phone says about a payment proves nothing; "unknown" means
 * that WeChat has not told the shop yet.
 */
export async function confirmPayment(
  number: string,
  sync: (number: string) => Promise<Order> = trade.sync,
  sleep: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): Promise<Paid> {
  let order: Order | null = null;
  for (let look = 0; look < LOOKS; look += 1) {
    if (look > 0) await sleep(PAUSE_MS * look);
    try {
      order = await sync(number);
    } catch (failure) {
      console.warn("the payment can't be looked at", failure);
      continue;
    }
    if (order.state !== "pending") return { outcome: order.paid_at ? "paid" : "unknown", order };
  }
  return { outcome: "unknown", order };
}

export async function payOrder(number: string): Promise<Paid> {
  const outcome = await platform.pay(await trade.pay(number));
  return outcome === "cancelled" ? { outcome, order: null } : confirmPayment(number);
}
