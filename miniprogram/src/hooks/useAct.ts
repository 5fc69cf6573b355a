import Taro from "@tarojs/taro";
import { useCallback, useRef, useState } from "react";

import { ApiFailure, inWords } from "@/api/failure";

export function say(text: string): void {
  void Taro.showToast({ title: text, icon: "none", duration: 2000 });
}

/** Asks with two buttons; true for the main one. */
export async function ask(title: string, content = "", confirmText = "确定"): Promise<boolean> {
  const { confirm } = await Taro.showModal({ title, content, confirmText, confirmColor: "#ee4d2d" });
  return confirm;
}

/** Does one thing at a time: what is pressed twice happens once, and a failure is told in words. */
export function useAct(): { busy: boolean; act: (what: () => Promise<void>) => Promise<void> } {
  const running = useRef(false);
  const [busy, setBusy] = useState(false);
  const act = useCallback(async (what: () => Promise<void>) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    try {
      await what();
    } catch (failure) {
      if (!(failure instanceof ApiFailure && failure.code === "cancelled")) say(inWords(failure));
    }
    running.current = false;
    setBusy(false);
  }, []);
  return { busy, act };
}
