import { View } from "@tarojs/components";
import { useDidShow } from "@tarojs/taro";
import type { PropsWithChildren, ReactNode } from "react";

import { Icon } from "@/components/Icon";
import { TabBar } from "@/components/TabBar";
import { back, type TabName } from "@/hooks/routes";
import { isWeapp } from "@/platform";

import "./index.scss";

interface Props {
  title: string;
  /** The page is a tab: it has the tab bar and no way back. */
  tab?: TabName;
  /** Stays at the bottom, over the content. */
  footer?: ReactNode;
  /** The page draws what is at its top by itself. */
  bare?: boolean;
}

/** The frame of every page. WeChat draws the bar with the title itself. */
export function Page({ title, tab, footer, bare = false, children }: PropsWithChildren<Props>) {
  useDidShow(() => {
    if (!isWeapp) document.title = title;
  });
  return (
    <View className={`page ${tab ? "page-tab" : ""} ${footer ? "page-footed" : ""}`}>
      {!isWeapp && !bare && (
        <View className="bar">
          {!tab && (
            <View className="bar-back" onClick={back}>
              <Icon name="back" size={22} />
            </View>
          )}
          <View className="bar-title">{title}</View>
        </View>
      )}
      {children}
      {footer && <View className="footer">{footer}</View>}
      {tab && <TabBar current={tab} />}
    </View>
  );
}
