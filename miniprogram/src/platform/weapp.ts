import Taro from "@tarojs/taro";

import { ApiFailure } from "@/api/failure";
import type { Platform } from "@/platform/types";

function saysCancelled(error: unknown): boolean {
  return String((error as { errMsg?: string } | null)?.errMsg ?? "").includes("cancel");
}

export const weapp: Platform = {
  name: "weapp",
  async loginCode() {
    const { code } = await Taro.login();
    return code;
  },
  async phoneCode() {
    throw new ApiFailure(0, "refused", "请使用手机号授权按钮");
  },
  async pay({ timeStamp, nonceStr, package: prepay, signType, paySign }) {
    try {
      await Taro.requestPayment({
        timeStamp,
        nonceStr,
        package: prepay,
        signType: signType as keyof Taro.requestPayment.SignType,
        paySign,
      });
      return "paid";
    } catch (error) {
      if (saysCancelled(error)) return "cancelled";
      throw new ApiFailure(0, "pay_failed", "支付没有成功，请稍后再试");
    }
  },
  async pictures(most) {
    try {
      const { tempFiles } = await Taro.chooseMedia({ count: most, mediaType: ["image"], sizeType: ["compressed"] });
      return tempFiles.map((file) => file.tempFilePath);
    } catch (error) {
      if (saysCancelled(error)) return [];
      throw error;
    }
  },
};
