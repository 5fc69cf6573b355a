/** Whether a payment has arrived. */
import type { Order } from "@/api/types";

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
  sync: (number: string) => Promise<Order>,
  sleep: (ms: number) => Promise<void>,
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
