import { Text, View } from "@tarojs/components";
import { useDidShow, useRouter } from "@tarojs/taro";
import { useRef } from "react";

import { people } from "@/api/people";
import type { Address } from "@/api/types";
import { AddressLine } from "@/components/AddressLine";
import { Button } from "@/components/Button";
import { Check } from "@/components/Check";
import { Icon } from "@/components/Icon";
import { LoginWall } from "@/components/LoginWall";
import { Page } from "@/components/Page";
import { Empty, Loaded } from "@/components/Status";
import { back, go } from "@/hooks/routes";
import { ask, useAct } from "@/hooks/useAct";
import { useRequest } from "@/hooks/useRequest";
import { handover } from "@/state/handover";

import "./index.scss";

export default function AddressesPage() {
  const add = () => {
    handover.editing = null;
    go("address");
  };
  return (
    <Page
      title="收货地址"
      footer={
        <View className="form-foot">
          <Button size="l" wide onClick={add}>
            新建收货地址
          </Button>
        </View>
      }
    >
      <LoginWall>
        <List />
      </LoginWall>
    </Page>
  );
}

function List() {
  const picking = useRouter().params.pick !== undefined;
  const addresses = useRequest(async () => (await people.addresses()).items, []);
  const { act } = useAct();
  const shown = useRef(false);
  useDidShow(() => {
    if (shown.current) void addresses.reload();
    shown.current = true;
  });
  const pick = (address: Address) => {
    if (!picking) return;
    handover.picked = address;
    back();
  };
  const edit = (address: Address) => {
    handover.editing = address;
    go("address", { id: address.id });
  };
  const drop = (address: Address) =>
    act(async () => {
      if (!(await ask("删除这个地址？"))) return;
      await people.dropAddress(address.id);
      await addresses.reload();
    });
  const prefer = ({ id, ...rest }: Address) =>
    act(async () => {
      await people.changeAddress(id, { ...rest, is_default: true });
      await addresses.reload();
    });
  return (
    <Loaded request={addresses}>
      {(items) =>
        items.length === 0 ? (
          <Empty icon="pin" title="还没有收货地址" />
        ) : (
          <View className="addresses">
            {items.map((address) => (
              <View key={address.id} className="addresses-one">
                <View className="addresses-line" onClick={() => pick(address)}>
                  <AddressLine address={address} pin={false} />
                </View>
                <View className="addresses-tools">
                  <View className="addresses-default" onClick={() => address.is_default || void prefer(address)}>
                    <Check on={address.is_default} />
                    <Text>{address.is_default ? "默认地址" : "设为默认"}</Text>
                  </View>
                  <View className="addresses-tool" onClick={() => edit(address)}>
                    <Icon name="pencil" size={16} />
                    编辑
                  </View>
                  <View className="addresses-tool" onClick={() => void drop(address)}>
                    <Icon name="trash" size={16} />
                    删除
                  </View>
                </View>
              </View>
            ))}
          </View>
        )
      }
    </Loaded>
  );
}
