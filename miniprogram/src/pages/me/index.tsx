import { Text, View } from "@tarojs/components";

import { people } from "@/api/people";
import { PhoneButton } from "@/components/Button";
import { Icon, type IconName } from "@/components/Icon";
import { Page } from "@/components/Page";
import { Picture } from "@/components/Picture";
import { go } from "@/hooks/routes";
import { ask, say, useAct } from "@/hooks/useAct";
import { platform } from "@/platform";
import { session, useLoggedIn, useUser } from "@/state/session";

import "./index.scss";

const ORDERS: { icon: IconName; title: string; state: string }[] = [
  { icon: "wallet", title: "待付款", state: "pending" },
  { icon: "box", title: "待发货", state: "paid" },
  { icon: "truck", title: "待收货", state: "shipped" },
  { icon: "star", title: "待评价", state: "received" },
  { icon: "refund", title: "退款", state: "refunding" },
];

export default function MePage() {
  const loggedIn = useLoggedIn();
  const { act } = useAct();
  const known = (what: () => void) => () =>
    void act(async () => {
      await session.require();
      what();
    });
  const savePhone = (code: () => Promise<string>) =>
    void act(async () => {
      await session.require();
      session.set(await people.setPhone(await code()));
      say("手机号已绑定");
    });
  const leave = async () => {
    if (await ask("退出登录？")) await session.logout();
  };
  return (
    <Page title="我的" tab="me" bare>
      <View className="me-top">
        <Person onLogin={() => void act(async () => void (await session.login()))} />
      </View>
      <View className="me-card me-orders">
        <View className="me-orders-head" onClick={known(() => go("orders"))}>
          <Text className="me-heading">我的订单</Text>
          <View className="me-more">
            全部订单
            <Icon name="next" size={12} />
          </View>
        </View>
        <View className="me-orders-row">
          {ORDERS.map((one) => (
            <View key={one.state} className="me-order" onClick={known(() => go("orders", { state: one.state }))}>
              <Icon name={one.icon} size={28} />
              <Text className="me-order-title">{one.title}</Text>
            </View>
          ))}
        </View>
      </View>
      <View className="me-card">
        <Entry icon="ticket" title="优惠券" hint="领券更省钱" onClick={known(() => go("coupons"))} />
        <Entry icon="pin" title="收货地址" onClick={known(() => go("addresses"))} />
        <PhoneButton
          className="me-phone"
          onCode={(code) => savePhone(async () => code)}
          onAsk={() => savePhone(platform.phoneCode)}
        >
          <PhoneEntry />
        </PhoneButton>
        <Entry icon="bolt" title="限时抢购" onClick={() => go("flash")} />
        <Entry icon="chat" title="在线客服" hint="9:00 - 21:00" onClick={known(() => go("service"))} />
      </View>
      {loggedIn && (
        <View className="me-card">
          <Entry icon="exit" title="退出登录" onClick={() => void act(leave)} />
        </View>
      )}
    </Page>
  );
}

function Person({ onLogin }: { onLogin: () => void }) {
  const loggedIn = useLoggedIn();
  const user = useUser();
  if (!loggedIn || !user) {
    return (
      <View className="me-person" onClick={onLogin}>
        <View className="me-avatar">
          <Icon name="person" size={32} />
        </View>
        <View className="me-who">
          <View className="me-name">点击登录</View>
          <View className="me-hint">登录后查看订单、领取优惠券</View>
        </View>
      </View>
    );
  }
  return (
    <View className="me-person" onClick={() => go("profile")}>
      {user.avatar_url ? (
        <Picture className="me-avatar" src={user.avatar_url} />
      ) : (
        <View className="me-avatar">{(user.nickname || "微").slice(0, 1)}</View>
      )}
      <View className="me-who">
        <View className="me-name">{user.nickname || "微信用户"}</View>
        <View className="me-hint">{user.phone ? hidden(user.phone) : "绑定手机号，订单有变化及时知道"}</View>
      </View>
      <Icon name="next" size={16} />
    </View>
  );
}

function hidden(phone: string): string {
  return phone.replace(/^(.{3}).*(.{4})$/, "$1****$2");
}

function PhoneEntry() {
  const user = useUser();
  return <Entry icon="phone" title="手机号" hint={user?.phone ? hidden(user.phone) : "未绑定"} />;
}

function Entry({ icon, title, hint, onClick }: { icon: IconName; title: string; hint?: string; onClick?: () => void }) {
  return (
    <View className="me-entry" onClick={() => onClick?.()}>
      <Icon name={icon} size={20} />
      <Text className="me-entry-title">{title}</Text>
      {hint && <Text className="me-entry-hint">{hint}</Text>}
      <Icon name="next" size={14} className="me-entry-next" />
    </View>
  );
}
