import { useLaunch } from "@tarojs/taro";
import type { PropsWithChildren } from "react";

import { session } from "@/state/session";

import "./app.scss";

// An import would be in both builds.
if (process.env.TARO_ENV === "h5") require("./h5.scss");

export default function App({ children }: PropsWithChildren) {
  useLaunch(() => session.wake());
  return children;
}
