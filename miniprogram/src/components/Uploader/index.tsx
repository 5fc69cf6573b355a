import { View } from "@tarojs/components";

import { people } from "@/api/people";
import type { Upload } from "@/api/types";
import { Icon } from "@/components/Icon";
import { Picture } from "@/components/Picture";
import { say, useAct } from "@/hooks/useAct";
import { platform } from "@/platform";

import "./index.scss";

interface Props {
  value: Upload[];
  most: number;
  onChange: (value: Upload[]) => void;
}

/** Uploads pictures one after the other; what was refused is told and left out. */
export function Uploader({ value, most, onChange }: Props) {
  const { busy, act } = useAct();
  const add = () =>
    act(async () => {
      let known = value;
      for (const path of await platform.pictures(most - value.length)) {
        const upload = await people.upload(path);
        if (upload.state === "refused") {
          say("图片未通过审核，请换一张");
          continue;
        }
        known = [...known, upload];
        onChange(known);
      }
    });
  return (
    <View className="uploader">
      {value.map((upload) => (
        <View key={upload.key} className="uploader-one">
          <Picture className="uploader-picture" src={upload.url} />
          <View className="uploader-drop" onClick={() => onChange(value.filter((one) => one.key !== upload.key))}>
            <Icon name="close" size={12} />
          </View>
        </View>
      ))}
      {value.length < most && (
        <View className="uploader-add" onClick={() => void add()}>
          <Icon name="camera" size={24} />
          <View className="uploader-hint">{busy ? "上传中…" : `${value.length}/${most}`}</View>
        </View>
      )}
    </View>
  );
}
