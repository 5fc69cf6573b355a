import { Input, Picker, View } from "@tarojs/components";

import { Field } from "@/components/Field";
import { isWeapp } from "@/platform";

import "./index.scss";

type Region = [province: string, city: string, district: string];

interface Props {
  value: Region;
  onChange: (change: { province: string; city: string; district: string }) => void;
}

/** Province, city and district. WeChat has a picker with all of them; elsewhere they are typed. */
export function RegionField({ value, onChange }: Props) {
  const tell = ([province, city, district]: Region) => onChange({ province, city, district });
  if (isWeapp) {
    const chosen = value.filter(Boolean).join(" ");
    return (
      <Picker mode="region" value={value} onChange={(event) => tell(event.detail.value as Region)}>
        <Field label="所在地区" link>
          {chosen || "请选择"}
        </Field>
      </Picker>
    );
  }
  const type = (index: number, text: string) => tell(value.map((old, at) => (at === index ? text.trim() : old)) as Region);
  return (
    <Field label="所在地区">
      <View className="region">
        {["省份", "城市", "区县"].map((name, index) => (
          <Input
            key={name}
            className="region-part"
            placeholder={name}
            placeholderClass="search-placeholder"
            maxlength={20}
            value={value[index] ?? ""}
            onInput={(event) => type(index, event.detail.value)}
          />
        ))}
      </View>
    </Field>
  );
}
