import { Text, View } from "@tarojs/components";

import { Icon } from "@/components/Icon";

import "./index.scss";

interface Props {
  value: number;
  most: number;
  onChange: (value: number) => void;
}

export function Stepper({ value, most, onChange }: Props) {
  const step = (to: number) => to >= 1 && to <= most && onChange(to);
  return (
    <View className="stepper" onClick={(event) => event.stopPropagation()}>
      <View className={`stepper-sign ${value <= 1 ? "stepper-off" : ""}`} onClick={() => step(value - 1)}>
        <Icon name="minus" size={14} />
      </View>
      <Text className="stepper-value">{value}</Text>
      <View className={`stepper-sign ${value >= most ? "stepper-off" : ""}`} onClick={() => step(value + 1)}>
        <Icon name="plus" size={14} />
      </View>
    </View>
  );
}
