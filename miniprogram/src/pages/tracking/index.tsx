import { Text, View } from "@tarojs/components";
import Taro, { useRouter } from "@tarojs/taro";

import { trade } from "@/api/trade";
import { Icon } from "@/components/Icon";
import { Page } from "@/components/Page";
import { Empty, Loaded } from "@/components/Status";
import { useRequest } from "@/hooks/useRequest";
import { moment } from "@/logic/time";

import "./index.scss";

export default function TrackingPage() {
  const { number = "" } = useRouter().params;
  const tracking = useRequest(() => trade.tracking(number), [number]);
  return (
    <Page title="物流详情">
      <Loaded request={tracking}>
        {({ carrier, tracking_number, events }) => (
          <>
            <View className="tracking-head">
              <View className="tracking-icon">
                <Icon name="truck" size={24} />
              </View>
              <View className="tracking-who">
                <View className="tracking-carrier">{carrier}</View>
                <View className="tracking-number">{tracking_number}</View>
              </View>
              <Text className="copy" onClick={() => void Taro.setClipboardData({ data: tracking_number })}>
                复制
              </Text>
            </View>
            {events.length === 0 ? (
              <Empty icon="truck" title="快递员还没有揽件" />
            ) : (
              <View className="tracking-events">
                {[...events]
                  .sort((one, other) => Date.parse(other.at) - Date.parse(one.at))
                  .map((event) => (
                    <View key={`${event.at}${event.text}`} className="tracking-event">
                      <View className="tracking-text">{event.text}</View>
                      <View className="tracking-at">{moment(event.at)}</View>
                    </View>
                  ))}
              </View>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}
