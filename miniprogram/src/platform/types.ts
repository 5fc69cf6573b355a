/** What differs between WeChat and a browser. */
import type { PayParameters } from "@/api/types";

export type PayOutcome = "paid" | "cancelled";

export interface Platform {
  name: "weapp" | "h5";
  /** A code for `POST /auth/wechat`. Rejects with ApiFailure `no_wechat` where WeChat isn't to be had. */
  loginCode: () => Promise<string>;
  /** A code for the phone number. In WeChat a button gives it (`PhoneButton`), and this rejects. */
  phoneCode: () => Promise<string>;
  /** Shows WeChat Pay; rejects with ApiFailure when it fails, other than by the person's own will. */
  pay: (parameters: PayParameters) => Promise<PayOutcome>;
  /** Lets the person choose pictures; answers their local paths. */
  pictures: (most: number) => Promise<string[]>;
}
