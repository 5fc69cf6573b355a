/** The network as Taro gives it. */
import Taro from "@tarojs/taro";

import { ApiFailure, failureOf } from "@/api/failure";
import type { Transport } from "@/api/http";

const TIMEOUT_MS = 15_000;

export const transport: Transport = async ({ method, url, headers, body }) => {
  const reply = await Taro.request({
    // Taro's types lack PATCH on some platforms; WeChat knows no PATCH at all (see `update` in user.ts).
    method: method as keyof Taro.request.Method,
    url,
    header: headers,
    data: body as object | undefined,
    timeout: TIMEOUT_MS,
  });
  return { status: reply.statusCode, body: reply.data };
};

/** Uploads a picture as multipart; rejects with ApiFailure. */
export async function sendFile<T>(url: string, path: string, header: Record<string, string>): Promise<T> {
  const reply = await Taro.uploadFile({ url, filePath: path, name: "file", header }).catch(() => {
    throw new ApiFailure(0, "network", "no answer");
  });
  let body: unknown = null;
  try {
    body = JSON.parse(reply.data);
  } catch {
    body = null; // a proxy's page in place of an answer: the status says enough
  }
  if (reply.statusCode >= 200 && reply.statusCode < 300) return body as T;
  throw failureOf(reply.statusCode, body);
}
