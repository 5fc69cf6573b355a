import { Image, View } from "@tarojs/components";
import { useEffect, useState } from "react";

import { Icon } from "@/components/Icon";

import "./index.scss";

interface Props {
  src: string | null | undefined;
  className?: string;
  /** Keeps the picture's own proportions instead of filling the frame. */
  natural?: boolean;
  onClick?: () => void;
}

/** A picture that fades in, and a quiet drawing where there is none. */
export function Picture({ src, className = "", natural = false, onClick }: Props) {
  const [state, setState] = useState<"waiting" | "there" | "missing">("waiting");
  useEffect(() => setState(src ? "waiting" : "missing"), [src]);
  return (
    <View className={`picture ${className}`} onClick={() => onClick?.()}>
      {src && state !== "missing" ? (
        <Image
          className={`picture-image ${state === "there" ? "picture-there" : ""}`}
          src={src}
          mode={natural ? "widthFix" : "aspectFill"}
          lazyLoad
          onLoad={() => setState("there")}
          onError={() => setState("missing")}
        />
      ) : (
        <Icon name="box" size={28} />
      )}
    </View>
  );
}
