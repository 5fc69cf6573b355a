/** Where a flash sale stands. */
import type { FlashSale } from "@/api/types";

export type FlashState = "waiting" | "running" | "gone" | "over";

export function flashState(sale: Pick<FlashSale, "starts_at" | "ends_at" | "left">, nowMs: number): FlashState {
  if (nowMs < Date.parse(sale.starts_at)) return "waiting";
  if (nowMs >= Date.parse(sale.ends_at)) return "over";
  return sale.left > 0 ? "running" : "gone";
}

/** How much is sold, in whole per cent; 100 only when nothing is left. */
export function soldShare({ total, left }: Pick<FlashSale, "total" | "left">): number {
  if (total <= 0 || left <= 0) return 100;
  return Math.min(99, Math.max(0, Math.round(((total - left) / total) * 100)));
}
