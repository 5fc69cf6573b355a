import assert from "node:assert/strict";
import { test } from "node:test";

import { chatMoment, left, leftText, moment, validity } from "@/logic/time";

test("a countdown counts days, hours, minutes and seconds", () => {
  const ms = ((26 * 60 + 3) * 60 + 4) * 1000;
  assert.deepEqual(left(ms, 0), { over: false, days: 1, hours: "02", minutes: "03", seconds: "04" });
});

test("a countdown shows zero only when it is over", () => {
  assert.deepEqual(left(1000, 999), { over: false, days: 0, hours: "00", minutes: "00", seconds: "01" });
  assert.equal(left(1000, 1000).over, true);
  assert.deepEqual(left(0, 99_999), { over: true, days: 0, hours: "00", minutes: "00", seconds: "00" });
});

test("a countdown in one line leaves out what is zero", () => {
  assert.equal(leftText(14 * 60_000 + 59_000, 0), "14:59");
  assert.equal(leftText(3_600_000, 0), "01:00:00");
  assert.equal(leftText(86_400_000, 0), "1天 00:00:00");
});

test("times are China's, wherever the phone is", () => {
  assert.equal(moment("2026-05-01T16:30:00Z"), "2026-05-02 00:30");
  assert.equal(moment("2026-05-01T16:30:00+08:00"), "2026-05-01 16:30");
});

test("what is no time is no text", () => {
  assert.equal(moment(null), "");
  assert.equal(moment("gestern"), "");
});

const NOW = Date.parse("2026-05-02T10:00:00+08:00");
for (const [text, told] of [
  ["2026-05-02T09:05:00+08:00", "09:05"],
  ["2026-05-01T23:59:00+08:00", "昨天 23:59"],
  ["2026-04-20T08:00:00+08:00", "4月20日 08:00"],
  ["2025-12-31T08:00:00+08:00", "2025年12月31日 08:00"],
] as const) {
  test(`in a chat ${text} is ${told}`, () => assert.equal(chatMoment(text, NOW), told));
}

test("a coupon tells its end, but for one that is too far away to matter", () => {
  assert.equal(validity("2026-06-01T00:00:00+08:00", NOW), "2026-06-01 00:00 前有效");
  assert.equal(validity("2100-01-01T00:00:00+08:00", NOW), "长期有效");
});
