import Taro from "@tarojs/taro";

import { ApiFailure } from "@/api/failure";
import type { ClientFacts } from "@/api/types";
import type { Platform } from "@/platform/types";

/** What `bridge.js` of the environment puts in the place of WeChat's own interfaces. */
interface ShopBridge {
  login: () => Promise<{ code: string } | string>;
  phone: () => Promise<{ code: string } | string>;
  pay: (parameters: object) => Promise<{ errMsg?: string; outcome?: string } | string | void>;
}

declare global {
  interface Window {
    ShopBridge?: ShopBridge;
  }
}

const NO_WECHAT = () => new ApiFailure(0, "no_wechat", "请在微信中打开");

let loading: Promise<ShopBridge> | null = null;

function script(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = address;
    element.onload = () => resolve();
    element.onerror = () => {
      element.remove();
      reject(new ApiFailure(0, "network", "the bridge can't be loaded"));
    };
    document.head.appendChild(element);
  });
}

async function load(): Promise<ShopBridge> {
  const answer = await Taro.request<ClientFacts>({ url: `${SHOP_API}/client` }).catch(() => {
    throw new ApiFailure(0, "network", "no answer");
  });
  const address = answer.data?.bridge_url;
  if (!address) throw NO_WECHAT();
  await script(`${address.replace(/\/$/, "")}/bridge.js`);
  if (!window.ShopBridge) throw NO_WECHAT();
  return window.ShopBridge;
}

/** Loaded when it is first needed; a failure is not kept, so that it can be tried again. */
function bridge(): Promise<ShopBridge> {
  loading ??= load().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

function codeOf(answer: { code: string } | string): string {
  return typeof answer === "string" ? answer : answer.code;
}

function saysCancelled(text: string): boolean {
  return /cancel/i.test(text);
}

export const h5: Platform = {
  name: "h5",
  loginCode: async () => codeOf(await (await bridge()).login()),
  phoneCode: async () => codeOf(await (await bridge()).phone()),
  async pay(parameters) {
    const found = await bridge();
    try {
      const answer = await found.pay(parameters);
      const text = typeof answer === "string" ? answer : (answer?.errMsg ?? answer?.outcome ?? "");
      if (saysCancelled(text)) return "cancelled";
      if (/fail/i.test(text)) throw new ApiFailure(0, "pay_failed", "支付没有成功，请稍后再试");
      return "paid";
    } catch (error) {
      if (error instanceof ApiFailure) throw error;
      const { errMsg, message } = (error ?? {}) as { errMsg?: string; message?: string };
      if (saysCancelled(errMsg ?? message ?? "")) return "cancelled";
      throw new ApiFailure(0, "pay_failed", "支付没有成功，请稍后再试");
    }
  },
  async pictures(most) {
    const { tempFilePaths } = await Taro.chooseImage({ count: most, sizeType: ["compressed"] });
    return tempFilePaths.slice(0, most);
  },
};
