/** Times: countdowns, and moments as people here read them. */

export interface Left {
  over: boolean;
  days: number;
  hours: string;
  minutes: string;
  seconds: string;
}

/** What is left until a moment, for a countdown; seconds are rounded up, so that 00:00:00 is never shown too early. */
export function left(untilMs: number, nowMs: number): Left {
  const total = Math.max(0, Math.ceil((untilMs - nowMs) / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  return {
    over: total === 0,
    days: Math.floor(total / 86_400),
    hours: two(Math.floor((total % 86_400) / 3600)),
    minutes: two(Math.floor((total % 3600) / 60)),
    seconds: two(total % 60),
  };
}

/** `14:59`, or `1天 02:14:59`. */
export function leftText(untilMs: number, nowMs: number): string {
  const { days, hours, minutes, seconds } = left(untilMs, nowMs);
  const clock = days || hours !== "00" ? `${hours}:${minutes}:${seconds}` : `${minutes}:${seconds}`;
  return days ? `${days}天 ${clock}` : clock;
}

const SHANGHAI_MS = 8 * 3600 * 1000;

/** An RFC 3339 time as China reads it, wherever the phone is: `2026-05-01 18:30`. */
export function moment(text: string | null | undefined): string {
  const at = text ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) return "";
  return new Date(at + SHANGHAI_MS).toISOString().slice(0, 16).replace("T", " ");
}

/** `18:30` today, `昨天 18:30`, `5月1日 18:30`, and with the year when it is another. For a chat. */
export function chatMoment(text: string, nowMs: number): string {
  const at = Date.parse(text);
  if (Number.isNaN(at)) return "";
  const there = new Date(at + SHANGHAI_MS);
  const now = new Date(nowMs + SHANGHAI_MS);
  const clock = there.toISOString().slice(11, 16);
  const day = (date: Date) => Math.floor(date.getTime() / 86_400_000);
  if (day(there) === day(now)) return clock;
  if (day(there) === day(now) - 1) return `昨天 ${clock}`;
  const date = `${there.getUTCMonth() + 1}月${there.getUTCDate()}日 ${clock}`;
  return there.getUTCFullYear() === now.getUTCFullYear() ? date : `${there.getUTCFullYear()}年${date}`;
}

const YEARS_10_MS = 10 * 365 * 86_400_000;

/** Until when a coupon is good. What ends in ten years or later is told as having no end. */
export function validity(until: string, nowMs: number): string {
  return Date.parse(until) - nowMs > YEARS_10_MS ? "长期有效" : `${moment(until)} 前有效`;
}
