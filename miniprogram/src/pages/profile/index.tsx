import { Input, View } from "@tarojs/components";
import { useState } from "react";

import { people } from "@/api/people";
import type { Upload } from "@/api/types";
import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import { LoginWall } from "@/components/LoginWall";
import { Page } from "@/components/Page";
import { Picture } from "@/components/Picture";
import { back } from "@/hooks/routes";
import { say, useAct } from "@/hooks/useAct";
import { platform } from "@/platform";
import { session, useUser } from "@/state/session";

import "./index.scss";

export default function ProfilePage() {
  return (
    <LoginWall>
      <Form />
    </LoginWall>
  );
}

function Form() {
  const user = useUser();
  const [name, setName] = useState(user?.nickname ?? "");
  const [avatar, setAvatar] = useState<Upload | null>(null);
  const { busy, act } = useAct();
  const choose = () =>
    act(async () => {
      const [path] = await platform.pictures(1);
      if (!path) return;
      const upload = await people.upload(path);
      if (upload.state === "refused") say("图片未通过审核，请换一张");
      else setAvatar(upload);
    });
  const save = () =>
    act(async () => {
      if (!name.trim()) return say("昵称不能为空");
      session.set(await people.update({ nickname: name.trim(), ...(avatar ? { avatar_key: avatar.key } : {}) }));
      say("已保存");
      return back();
    });
  return (
    <Page
      title="个人资料"
      footer={
        <View className="form-foot">
          <Button size="l" wide busy={busy} onClick={() => void save()}>
            保存
          </Button>
        </View>
      }
    >
      <View className="form-card">
        <Field label="头像" link onClick={() => void choose()}>
          <Picture className="profile-avatar" src={avatar?.url ?? user?.avatar_url} />
        </Field>
        <Field label="昵称">
          <Input
            type="nickname"
            className="form-input"
            maxlength={40}
            value={name}
            placeholder="怎么称呼您"
            onInput={(event) => setName(event.detail.value)}
          />
        </Field>
      </View>
    </Page>
  );
}
