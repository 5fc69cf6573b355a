import { Text, View } from "@tarojs/components";

import { Icon, type IconName } from "@/components/Icon";
import { tab, type TabName } from "@/hooks/routes";
import { useCartCount } from "@/state/cart";

import "./index.scss";

const TABS: { name: TabName; icon: IconName; title: string }[] = [
  { name: "home", icon: "home", title: "首页" },
  { name: "category", icon: "grid", title: "分类" },
  { name: "cart", icon: "cart", title: "购物车" },
  { name: "me", icon: "person", title: "我的" },
];

export function TabBar({ current }: { current: TabName }) {
  const count = useCartCount();
  return (
    <View className="tabs">
      {TABS.map(({ name, icon, title }) => (
        <View
          key={name}
          className={`tabs-one ${name === current ? "tabs-one-current" : ""}`}
          onClick={() => name !== current && tab(name)}
        >
          <View className="tabs-icon">
            <Icon name={icon} size={24} />
            {name === "cart" && count > 0 && <Text className="tabs-badge">{count > 99 ? "99+" : count}</Text>}
          </View>
          <Text className="tabs-title">{title}</Text>
        </View>
      ))}
    </View>
  );
}
