import assert from "node:assert/strict";
import { test } from "node:test";

import type { Order } from "@/api/types";
import { confirmPayment } from "@/logic/confirm";

function order(state: Order["state"], paid_at: string | null): Order {
  return { number: "1", state, paid_at } as Order;
}

const now = async () => undefined;

test("a payment is believed when the shop has seen it", async () => {
  const answers = [order("pending", null), order("pending", null), order("paid", "2026-05-01T10:00:00Z")];
  const pauses: number[] = [];
  const { outcome, order: seen } = await confirmPayment(
    "1",
    async () => answers.shift()!,
    async (ms) => void pauses.push(ms),
  );
  assert.equal(outcome, "paid");
  assert.equal(seen?.state, "paid");
  assert.equal(pauses.length, 2);
});

test("a payment that the shop doesn't see is not claimed", async () => {
  const { outcome } = await confirmPayment("1", async () => order("pending", null), now);
  assert.equal(outcome, "unknown");
});

test("an order that was cancelled meanwhile is not paid", async () => {
  const { outcome } = await confirmPayment("1", async () => order("cancelled", null), now);
  assert.equal(outcome, "unknown");
});

test("a look that fails is repeated", async () => {
  let looks = 0;
  const { outcome } = await confirmPayment(
    "1",
    async () => {
      looks += 1;
      if (looks === 1) throw new Error("no answer");
      return order("paid", "2026-05-01T10:00:00Z");
    },
    now,
  );
  assert.equal(outcome, "paid");
});
