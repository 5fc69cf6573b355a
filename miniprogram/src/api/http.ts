/** Requests: tokens, repeats and refusals. What carries them comes from outside, so that tests can be the network. */
import { ApiFailure, failureOf } from "@/api/failure";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Wire {
  method: Method;
  url: string;
  headers: Record<string, string>;
  body?: unknown;
}

export interface Reply {
  status: number;
  body: unknown;
}

/** Sends one request; rejects when no answer came. */
export type Transport = (wire: Wire) => Promise<Reply>;

export interface Credentials {
  token: () => string | null;
  guest: () => string;
  /** Logs in again without asking anybody; false when that can't be done. */
  renew: () => Promise<boolean>;
}

export interface Call {
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  /** Makes a repeat harmless, so that the request may be repeated. */
  key?: string;
  /** Sent with the guest's token even when somebody is logged in: for logging in. */
  asGuest?: boolean;
}

const PAUSES_MS = [300, 900];
const PASSING = new Set([0, 502, 503, 504]);

export function queryString(query: Call["query"] = {}): string {
  const parts = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return parts.length ? `?${parts.join("&")}` : "";
}

export class Http {
  constructor(
    private readonly base: string,
    private readonly transport: Transport,
    private readonly credentials: Credentials,
    private readonly sleep: (ms: number) => Promise<void>,
  ) {}

  /** The answer's body. Rejects with ApiFailure. */
  async send<T>(method: Method, path: string, call: Call = {}): Promise<T> {
    let reply = await this.persist(method, path, call);
    if (reply.status === 401 && !call.asGuest && this.credentials.token() !== null) {
      // The token ran out or was revoked: one silent login, then the same request once more.
      if (await this.credentials.renew()) reply = await this.persist(method, path, call);
    }
    if (reply.status >= 200 && reply.status < 300) return reply.body as T;
    throw failureOf(reply.status, reply.body);
  }

  /** Headers for what doesn't go through `send`: uploads. */
  headers(call: Call = {}): Record<string, string> {
    const token = call.asGuest ? null : this.credentials.token();
    return {
      ...(token ? { Authorization: `Bearer ${token}` } : { "X-Guest-Token": this.credentials.guest() }),
      ...(call.key ? { "Idempotency-Key": call.key } : {}),
    };
  }

  private async persist(method: Method, path: string, call: Call): Promise<Reply> {
    const repeatable = method === "GET" || method === "PUT" || method === "DELETE" || call.key !== undefined;
    for (const pause of repeatable ? PAUSES_MS : []) {
      const reply = await this.once(method, path, call);
      if (!PASSING.has(reply.status)) return reply;
      await this.sleep(pause);
    }
    const last = await this.once(method, path, call);
    if (last.status === 0) throw new ApiFailure(0, "network", "no answer");
    return last;
  }

  private async once(method: Method, path: string, call: Call): Promise<Reply> {
    const headers = this.headers(call);
    if (call.body !== undefined) headers["Content-Type"] = "application/json";
    const url = `${this.base}${path}${queryString(call.query)}`;
    return this.transport({ method, url, headers, body: call.body }).catch(() => ({ status: 0, body: null }));
  }
}
