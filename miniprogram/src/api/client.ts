/** The one client of the shop's API. */
import { Http } from "@/api/http";
import { sendFile, transport } from "@/api/transport";
import { renewLogin } from "@/state/renewal";
import { guestToken, userToken } from "@/state/tokens";

export const http = new Http(
  SHOP_API,
  transport,
  { token: userToken.get, guest: guestToken, renew: renewLogin },
  (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
);

export const upload = <T>(path: string, file: string): Promise<T> => sendFile<T>(SHOP_API + path, file, http.headers());
