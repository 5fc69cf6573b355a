import { Input, View } from "@tarojs/components";
import Taro, { useDidHide, useDidShow, useRouter } from "@tarojs/taro";
import { useCallback, useEffect, useRef, useState } from "react";

import { inWords } from "@/api/failure";
import { type NewMessage, people } from "@/api/people";
import type { Message } from "@/api/types";
import { Icon } from "@/components/Icon";
import { LoginWall } from "@/components/LoginWall";
import { Page } from "@/components/Page";
import { Picture } from "@/components/Picture";
import { Failed, Skeleton } from "@/components/Status";
import { say, useAct } from "@/hooks/useAct";
import { merged, timeAbove } from "@/logic/chat";
import { platform } from "@/platform";
import { useUser } from "@/state/session";

import "./index.scss";

const POLL_MS = 4000;
const QUESTIONS = ["什么时候发货？", "怎么申请退款？", "有优惠活动吗？"];

export default function ServicePage() {
  return (
    <LoginWall>
      <Chat />
    </LoginWall>
  );
}

function useMessages() {
  const [messages, setMessages] = useState<Message[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  const last = useRef<number | undefined>(undefined);
  const take = useCallback((fresh: Message[]) => {
    setMessages((known) => {
      const all = merged(known ?? [], fresh);
      last.current = all[all.length - 1]?.id;
      return all;
    });
  }, []);
  const read = useCallback(async () => {
    try {
      const { items } = await (last.current === undefined
        ? people.conversation()
        : people.messagesAfter(last.current));
      take(items);
      setError(null);
    } catch (failure) {
      setError(inWords(failure));
    }
  }, [take]);
  return { messages, error, take, read };
}

function Chat() {
  const { order } = useRouter().params;
  const { messages, error, take, read } = useMessages();
  const [text, setText] = useState(order ? `咨询订单 ${order}：` : "");
  const [shown, setShown] = useState(true);
  const { busy, act } = useAct();
  useDidShow(() => setShown(true));
  useDidHide(() => setShown(false));
  useEffect(() => {
    void read();
    const timer = shown ? setInterval(() => void read(), POLL_MS) : undefined;
    return () => clearInterval(timer);
  }, [read, shown]);
  const count = messages?.length ?? 0;
  useEffect(() => {
    if (count) setTimeout(() => void Taro.pageScrollTo({ scrollTop: 1_000_000, duration: 0 }), 50);
  }, [count]);

  const send = (message: NewMessage) => act(async () => take([await people.say(message)]));
  const sendText = async (words: string) => {
    if (!words.trim()) return;
    setText("");
    await send({ kind: "text", text: words.trim() });
  };
  const sendPicture = () =>
    act(async () => {
      const [path] = await platform.pictures(1);
      if (!path) return;
      const upload = await people.upload(path);
      if (upload.state === "refused") return say("图片未通过审核，请换一张");
      take([await people.say({ kind: "image", image_key: upload.key })]);
    });

  return (
    <Page
      title="在线客服"
      footer={
        <View className="chat-foot">
          <View className="chat-camera" onClick={() => void sendPicture()}>
            <Icon name="camera" size={24} />
          </View>
          <Input
            className="chat-input"
            value={text}
            placeholder="说点什么…"
            placeholderClass="placeholder"
            confirmType="send"
            maxlength={500}
            adjustPosition
            onInput={(event) => setText(event.detail.value)}
            onConfirm={(event) => void sendText(event.detail.value)}
          />
          <View className={`chat-send ${text.trim() && !busy ? "" : "chat-send-off"}`} onClick={() => void sendText(text)}>
            发送
          </View>
        </View>
      }
    >
      {messages === null && error && <Failed error={error} onRetry={() => void read()} />}
      {messages === null && !error && <Skeleton kind="block" rows={2} />}
      {messages !== null && (
        <View className="chat">
          <View className="chat-hello">您好，我是小铺客服，有什么可以帮您？</View>
          {count === 0 && (
            <View className="chat-questions">
              {QUESTIONS.map((question) => (
                <View key={question} className="chat-question" onClick={() => void sendText(question)}>
                  {question}
                </View>
              ))}
            </View>
          )}
          {messages.map((message, index) => (
            <Bubble key={message.id} message={message} time={timeAbove(messages, index, Date.now())} />
          ))}
        </View>
      )}
    </Page>
  );
}

function Bubble({ message, time }: { message: Message; time: string }) {
  const user = useUser();
  const mine = message.from === "customer";
  const picture = message.image_url;
  return (
    <>
      {time && <View className="chat-time">{time}</View>}
      <View className={`chat-one ${mine ? "chat-mine" : ""}`}>
        {mine && user?.avatar_url ? (
          <Picture className="chat-who" src={user.avatar_url} />
        ) : (
          <View className="chat-who">{mine ? (user?.nickname || "我").slice(0, 1) : "拾"}</View>
        )}
        {message.kind === "image" ? (
          <Picture
            className="chat-picture"
            src={picture}
            onClick={() => picture && void Taro.previewImage({ current: picture, urls: [picture] })}
          />
        ) : (
          <View className="chat-text">{message.text}</View>
        )}
      </View>
    </>
  );
}
