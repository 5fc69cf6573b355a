/** The two tokens of a visitor: the guest's, made here and kept, and the user's after a login. */
import { keep, kept } from "@/state/storage";
import { Store } from "@/state/store";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Random text. WeChat's runtime has no synchronous source of its own: there it is as good as Math.random. */
export function randomText(length: number): string {
  const bytes = new Uint8Array(length);
  if (typeof crypto !== "undefined" && crypto.getRandomValues) crypto.getRandomValues(bytes);
  else for (let index = 0; index < length; index += 1) bytes[index] = Math.floor(Math.random() * 256);
  return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

let guest: string | null = kept<string>("guest");

export function guestToken(): string {
  if (guest === null) {
    guest = randomText(32);
    keep("guest", guest);
  }
  return guest;
}

/** A login puts the guest's cart into the user's; what comes after the logout is another guest's. */
export function forgetGuest(): void {
  guest = null;
  keep("guest", null);
}

export const userToken = new Store<string | null>(kept<string>("token"));

export function setUserToken(token: string | null): void {
  keep("token", token);
  userToken.set(token);
}
