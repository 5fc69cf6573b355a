import assert from "node:assert/strict";
import { test } from "node:test";

import type { FlashSale, Message, OrderState } from "@/api/types";
import { addressProblem, trimmedAddress } from "@/logic/address";
import { merged, timeAbove } from "@/logic/chat";
import { flashState, soldShare } from "@/logic/flash";
import { HISTORY_LENGTH, remembered } from "@/logic/history";
import { actions, stateText } from "@/logic/orders";
import { cityOf, PROVINCES } from "@/logic/provinces";

const UNTIL = "2026-05-01T10:00:00Z";
const BEFORE = Date.parse(UNTIL) - 1000;

for (const [state, buttons] of [
  ["pending", ["cancel", "pay"]],
  ["paid", ["refund"]],
  ["shipped", ["refund", "track", "receive"]],
  ["refunding", []],
  ["cancelled", ["again"]],
] as [OrderState, string[]][]) {
  test(`the buttons of an order that is ${state}`, () => {
    assert.deepEqual(actions({ state, pay_until: UNTIL }, BEFORE), buttons);
  });
}

test("an order whose time is over can't be paid any more", () => {
  assert.deepEqual(actions({ state: "pending", pay_until: UNTIL }, Date.parse(UNTIL)), ["cancel"]);
});

test("a state that this build doesn't know has a name and no buttons", () => {
  const state = "lost" as OrderState;
  assert.equal(stateText(state).title, "lost");
  assert.deepEqual(actions({ state, pay_until: null }, 0), []);
});

const SALE = { starts_at: "2026-05-01T10:00:00Z", ends_at: "2026-05-01T12:00:00Z" };
for (const [at, left, state] of [
  ["2026-05-01T09:59:59Z", 5, "waiting"],
  ["2026-05-01T10:00:00Z", 5, "running"],
  ["2026-05-01T11:00:00Z", 0, "gone"],
  ["2026-05-01T12:00:00Z", 5, "over"],
] as const) {
  test(`a flash sale with ${left} pieces at ${at} is ${state}`, () => {
    assert.equal(flashState({ ...SALE, left } as FlashSale, Date.parse(at)), state);
  });
}

test("a sale is full only when nothing is left", () => {
  assert.equal(soldShare({ total: 1000, left: 1 }), 99);
  assert.equal(soldShare({ total: 1000, left: 0 }), 100);
  assert.equal(soldShare({ total: 3, left: 3 }), 0);
});

test("searches are remembered once, the newest first, and not for ever", () => {
  assert.deepEqual(remembered(["a", "b"], " b "), ["b", "a"]);
  assert.deepEqual(remembered(["a"], "  "), ["a"]);
  const many = Array.from({ length: 30 }, (_, index) => `w${index}`);
  assert.equal(remembered(many, "x").length, HISTORY_LENGTH);
});

const ADDRESS = {
  name: "林小满",
  phone: "13800138000",
  province: "广东省",
  city: "深圳市",
  district: "南山区",
  street: "科技园路 1 号",
  is_default: false,
};

test("a whole address can be sent", () => assert.equal(addressProblem(ADDRESS), null));

for (const [part, words] of [
  [{ name: " " }, "收货人"],
  [{ phone: "138" }, "手机号"],
  [{ phone: "1380013800a" }, "手机号"],
  [{ city: "" }, "地区"],
  [{ street: "1" }, "详细地址"],
] as const) {
  test(`an address with ${JSON.stringify(part)} is refused in words`, () => {
    assert.match(addressProblem({ ...ADDRESS, ...part }) ?? "", new RegExp(words));
  });
}

test("blanks around an address are not sent", () => {
  assert.equal(trimmedAddress({ ...ADDRESS, name: " 林小满 " }).name, "林小满");
});

test("there are 34 provinces, and four of them are cities", () => {
  assert.equal(new Set(PROVINCES).size, 34);
  assert.equal(PROVINCES.filter(cityOf).length, 4);
});

function message(id: number, at: string): Message {
  return { id, from: "customer", kind: "text", text: `${id}`, image_url: "", at };
}

test("messages that come twice are shown once, in order", () => {
  const one = message(1, "2026-05-01T10:00:00Z");
  const two = message(2, "2026-05-01T10:01:00Z");
  assert.deepEqual(merged([two], [one, two]), [one, two]);
});

test("the time stands above a message after a pause only", () => {
  const now = Date.parse("2026-05-01T12:00:00Z");
  const talk = ["10:00", "10:04", "10:10"].map((at, id) => message(id, `2026-05-01T${at}:00Z`));
  assert.deepEqual(
    talk.map((_, index) => timeAbove(talk, index, now)),
    ["18:00", "", "18:10"],
  );
});
