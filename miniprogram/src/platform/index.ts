import { h5 } from "@/platform/h5";
import { weapp } from "@/platform/weapp";

/** The build sets TARO_ENV, and so leaves the other one out. */
export const platform = process.env.TARO_ENV === "weapp" ? weapp : h5;

export const isWeapp = process.env.TARO_ENV === "weapp";
