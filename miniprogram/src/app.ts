import { useLaunch } from "@tarojs/taro";
import type { PropsWithChildren } from "react";

import { session } from "@/state/session";

import "./app.scss";

export default function App({ children }: PropsWithChildren) {
  useLaunch(() => session.wake());
  return children;
}
