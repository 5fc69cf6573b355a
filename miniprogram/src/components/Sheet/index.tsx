import { View } from "@tarojs/components";
import type { PropsWithChildren, ReactNode } from "react";

import { Icon } from "@/components/Icon";

import "./index.scss";

interface Props {
  open: boolean;
  title?: string;
  footer?: ReactNode;
  onClose: () => void;
}

/** Comes up from below, over the page. */
export function Sheet({ open, title, footer, onClose, children }: PropsWithChildren<Props>) {
  if (!open) return null;
  return (
    <View className="sheet">
      <View className="sheet-shade" catchMove onClick={onClose} />
      <View className="sheet-panel">
        {title && <View className="sheet-title">{title}</View>}
        <View className="sheet-close" onClick={onClose}>
          <Icon name="close" size={18} />
        </View>
        <View className="sheet-body">{children}</View>
        {footer && <View className="sheet-footer">{footer}</View>}
      </View>
    </View>
  );
}
