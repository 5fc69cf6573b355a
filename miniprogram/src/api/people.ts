/** The user, and what they say. */
import { http, upload } from "@/api/client";
import type { Address, Conversation, Login, Message, NewAddress, Review, Upload, User } from "@/api/types";

export interface NewReview {
  order_number: string;
  sku_id: number;
  rating: number;
  text: string;
  image_keys: string[];
}

export type NewMessage = { kind: "text"; text: string } | { kind: "image"; image_key: string };

export const people = {
  login: (code: string) => http.send<Login>("POST", "/auth/wechat", { body: { code }, asGuest: true }),
  logout: () => http.send<void>("POST", "/auth/logout"),
  me: () => http.send<User>("GET", "/me"),
  // WeChat's wx.request knows no PATCH.
  update: (change: { nickname?: string; avatar_key?: string }) => http.send<User>("PUT", "/me", { body: change }),
  setPhone: (code: string) => http.send<User>("POST", "/me/phone", { body: { code } }),

  addresses: () => http.send<{ items: Address[] }>("GET", "/me/addresses"),
  addAddress: (body: NewAddress) => http.send<Address>("POST", "/me/addresses", { body }),
  changeAddress: (id: number, body: NewAddress) => http.send<Address>("PUT", `/me/addresses/${id}`, { body }),
  dropAddress: (id: number) => http.send<void>("DELETE", `/me/addresses/${id}`),

  upload: (file: string) => upload<Upload>("/uploads", file),
  review: (body: NewReview) => http.send<Review>("POST", "/reviews", { body }),

  conversation: () => http.send<Conversation>("GET", "/conversation"),
  messagesAfter: (after: number) => http.send<Conversation>("GET", "/conversation/messages", { query: { after } }),
  say: (body: NewMessage) => http.send<Message>("POST", "/conversation/messages", { body }),
};
