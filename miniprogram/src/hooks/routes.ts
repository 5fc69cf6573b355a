/** Where pages are. */
import Taro from "@tarojs/taro";

import { queryString } from "@/api/http";

export type TabName = "home" | "category" | "cart" | "me";

type Query = Record<string, string | number | undefined>;

export function go(page: string, query: Query = {}): void {
  void Taro.navigateTo({ url: `/pages/${page}/index${queryString(query)}` });
}

/** Instead of this page: going back must not lead to it again. */
export function goInstead(page: string, query: Query = {}): void {
  void Taro.redirectTo({ url: `/pages/${page}/index${queryString(query)}` });
}

export function tab(name: TabName): void {
  void Taro.switchTab({ url: `/pages/${name}/index` });
}

/** Back; to the start when this page was opened by its address. */
export function back(): void {
  if (Taro.getCurrentPages().length > 1) void Taro.navigateBack();
  else tab("home");
}
