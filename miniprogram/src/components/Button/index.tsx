import { Button as TaroButton, View } from "@tarojs/components";
import type { PropsWithChildren } from "react";

import { isWeapp } from "@/platform";

import "./index.scss";

interface Props {
  kind?: "main" | "soft" | "line" | "quiet";
  size?: "s" | "m" | "l";
  wide?: boolean;
  disabled?: boolean;
  busy?: boolean;
  className?: string;
  onClick?: () => void;
}

export function Button({
  kind = "main",
  size = "m",
  wide = false,
  disabled = false,
  busy = false,
  className = "",
  onClick,
  children,
}: PropsWithChildren<Props>) {
  const off = disabled || busy;
  const classes = `button button-${kind} button-${size} ${wide ? "button-wide" : ""} ${off ? "button-off" : ""}`;
  return (
    <View className={`${classes} ${className}`} hoverClass={off ? "none" : "button-held"} onClick={() => off || onClick?.()}>
      {busy && <View className="button-spinner" />}
      {children}
    </View>
  );
}

interface PhoneProps {
  className?: string;
  /** The code for the phone number, as WeChat's own button gives it. */
  onCode: (code: string) => void;
  /** Elsewhere: ask for the code by other means. */
  onAsk: () => void;
}

/** WeChat gives a phone number only to its own button, so this is one there. */
export function PhoneButton({ className = "", onCode, onAsk, children }: PropsWithChildren<PhoneProps>) {
  if (!isWeapp) {
    return (
      <View className={className} onClick={onAsk}>
        {children}
      </View>
    );
  }
  return (
    <TaroButton
      className={`button-bare ${className}`}
      openType="getPhoneNumber"
      onGetPhoneNumber={(event) => {
        const { code } = event.detail as { code?: string };
        if (code) onCode(code);
      }}
    >
      {children}
    </TaroButton>
  );
}

/** Shares the page in WeChat; elsewhere `onShare` does what can be done. */
export function ShareButton({
  className = "",
  onShare,
  children,
}: PropsWithChildren<{ className?: string; onShare: () => void }>) {
  if (!isWeapp) {
    return (
      <View className={className} onClick={onShare}>
        {children}
      </View>
    );
  }
  return (
    <TaroButton className={`button-bare ${className}`} openType="share">
      {children}
    </TaroButton>
  );
}
