/// <reference types="@tarojs/taro" />

declare module "*.scss";

/** The API's base address, put in by the build. */
declare const SHOP_API: string;

declare namespace NodeJS {
  interface ProcessEnv {
    TARO_ENV: "weapp" | "h5";
    NODE_ENV: "development" | "production";
    SHOP_API?: string;
    SHOP_PUBLIC_PATH?: string;
  }
}
