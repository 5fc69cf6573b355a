/** Paying an order: WeChat's dialogue, then the shop's own look at WeChat. */
import { trade } from "@/api/trade";
import { confirmPayment, type Paid } from "@/logic/confirm";
import { platform } from "@/platform";

export function confirmed(number: string): Promise<Paid> {
  return confirmPayment(number, trade.sync, (ms) => new Promise((resolve) => setTimeout(resolve, ms)));
}

export async function payOrder(number: string): Promise<Paid> {
  const outcome = await platform.pay(await trade.pay(number));
  return outcome === "cancelled" ? { outcome, order: null } : confirmed(number);
}
