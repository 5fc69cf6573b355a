import { Input, Picker, Text, View } from "@tarojs/components";

import { Field } from "@/components/Field";
import { cityOf, PROVINCES } from "@/logic/provinces";
import { isWeapp } from "@/platform";

import "./index.scss";

type Region = [province: string, city: string, district: string];

interface Props {
  value: Region;
  onChange: (change: { province?: string; city?: string; district?: string }) => void;
}

/** Province, city and district. WeChat has a picker with all of them; elsewhere the last two are typed. */
export function RegionField({ value, onChange }: Props) {
  const [province, city, district] = value;
  if (isWeapp) {
    const chosen = value.filter(Boolean).join(" ");
    return (
      <Picker
        mode="region"
        value={value}
        onChange={(event) => {
          const [first = "", second = "", third = ""] = event.detail.value;
          onChange({ province: first, city: second, district: third });
        }}
      >
        <Field label="所在地区" link>
          {chosen || "请选择"}
        </Field>
      </Picker>
    );
  }
  const choose = (name: string) => onChange({ province: name, city: cityOf(name), district: "" });
  return (
    <>
      <Picker
        mode="selector"
        range={PROVINCES}
        value={Math.max(PROVINCES.indexOf(province), 0)}
        onChange={(event) => choose(PROVINCES[Number(event.detail.value)] ?? "")}
      >
        <Field label="省份" link>
          <Text className={province ? "region-chosen" : "region-open"}>{province || "请选择省份"}</Text>
        </Field>
      </Picker>
      <Field label="城市区县">
        <View className="region">
          <Input
            className="region-part"
            placeholder="城市"
            placeholderClass="placeholder"
            maxlength={20}
            value={city}
            onInput={(event) => onChange({ city: event.detail.value.trim() })}
          />
          <Input
            className="region-part"
            placeholder="区县"
            placeholderClass="placeholder"
            maxlength={20}
            value={district}
            onInput={(event) => onChange({ district: event.detail.value.trim() })}
          />
        </View>
      </Field>
    </>
  );
}
