/** Prices are whole fen everywhere; yuan exist only on the screen. */

/** The two parts of a price on the screen: `29` and `90`. Negative prices keep their sign in the first part. */
export function yuanParts(fen: number): { whole: string; cents: string } {
  const rounded = Math.round(fen);
  const absolute = Math.abs(rounded);
  const whole = `${rounded < 0 ? "-" : ""}${Math.floor(absolute / 100)}`;
  return { whole, cents: String(absolute % 100).padStart(2, "0") };
}

/** `2990` as `¥29.90`. */
export function price(fen: number): string {
  const { whole, cents } = yuanParts(fen);
  return whole.startsWith("-") ? `-¥${whole.slice(1)}.${cents}` : `¥${whole}.${cents}`;
}

/** As short as it can be told: `2000` as `20`, `2050` as `20.5`. For coupons. */
export function shortYuan(fen: number): string {
  return String(Math.round(fen) / 100);
}

/** What somebody typed as yuan, in fen; null when it is no price. */
export function parseYuan(text: string): number | null {
  const match = /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(text.trim());
  if (!match) return null;
  return Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0"));
}

/** How many were sold, as shops tell it: `12000` as `1.2万`. */
export function soldCount(sold: number): string {
  if (sold < 10_000) return String(sold);
  return `${Math.floor(sold / 1000) / 10}万`;
}
