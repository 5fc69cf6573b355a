import { Text, View } from "@tarojs/components";

import type { NewAddress } from "@/api/types";
import { Icon } from "@/components/Icon";

import "./index.scss";

interface Props {
  address: Omit<NewAddress, "is_default"> & { is_default?: boolean };
  pin?: boolean;
}

export function AddressLine({ address, pin = true }: Props) {
  return (
    <View className="address">
      {pin && (
        <View className="address-pin">
          <Icon name="pin" size={18} />
        </View>
      )}
      <View className="address-text">
        <View className="address-who">
          <Text className="address-name">{address.name}</Text>
          <Text className="address-phone">{address.phone}</Text>
          {address.is_default && <Text className="address-default">默认</Text>}
        </View>
        <View className="address-where">
          {address.province === address.city ? "" : address.province}
          {address.city}
          {address.district} {address.street}
        </View>
      </View>
    </View>
  );
}
