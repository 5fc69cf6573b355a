import { Input, Switch, Textarea, View } from "@tarojs/components";
import { useRouter } from "@tarojs/taro";
import { useState } from "react";

import { people } from "@/api/people";
import type { NewAddress } from "@/api/types";
import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import { Page } from "@/components/Page";
import { RegionField } from "@/components/RegionField";
import { back } from "@/hooks/routes";
import { say, useAct } from "@/hooks/useAct";
import { addressProblem, trimmedAddress } from "@/logic/address";
import { handover } from "@/state/handover";
import { session } from "@/state/session";

import "./index.scss";

const EMPTY: NewAddress = {
  name: "",
  phone: "",
  province: "",
  city: "",
  district: "",
  street: "",
  is_default: false,
};

export default function AddressPage() {
  const { id, pick } = useRouter().params;
  const [form, setForm] = useState<NewAddress>(() => {
    if (!id || !handover.editing) return EMPTY;
    const { id: _, ...known } = handover.editing;
    return known;
  });
  const { busy, act } = useAct();
  const change = (part: Partial<NewAddress>) => setForm((known) => ({ ...known, ...part }));
  const save = () =>
    act(async () => {
      const problem = addressProblem(form);
      if (problem) return say(problem);
      await session.require();
      const body = trimmedAddress(form);
      const saved = id ? await people.changeAddress(Number(id), body) : await people.addAddress(body);
      if (pick) handover.picked = saved;
      return back();
    });
  return (
    <Page
      title={id ? "编辑地址" : "新建地址"}
      footer={
        <View className="form-foot">
          <Button size="l" wide busy={busy} onClick={() => void save()}>
            保存
          </Button>
        </View>
      }
    >
      <View className="form-card">
        <Field label="收货人">
          <Input
            className="form-input"
            placeholder="请填写姓名"
            placeholderClass="placeholder"
            maxlength={40}
            value={form.name}
            onInput={(event) => change({ name: event.detail.value })}
          />
        </Field>
        <Field label="手机号">
          <Input
            className="form-input"
            type="number"
            placeholder="请填写手机号"
            placeholderClass="placeholder"
            maxlength={16}
            value={form.phone}
            onInput={(event) => change({ phone: event.detail.value })}
          />
        </Field>
        <RegionField value={[form.province, form.city, form.district]} onChange={change} />
        <View className="address-street">
          <View className="field-label">详细地址</View>
          <Textarea
            className="address-street-input"
            placeholder="街道、小区、楼栋、门牌号"
            placeholderClass="placeholder"
            maxlength={120}
            value={form.street}
            onInput={(event) => change({ street: event.detail.value })}
          />
        </View>
      </View>
      <View className="form-card">
        <Field label="设为默认地址">
          <Switch
            color="#ee4d2d"
            checked={form.is_default}
            onChange={(event) => change({ is_default: event.detail.value })}
          />
        </Field>
      </View>
    </Page>
  );
}
