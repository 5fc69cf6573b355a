/** What the phone keeps. Storage that is full or forbidden costs the memory, never the visit. */
import Taro from "@tarojs/taro";

export function kept<T>(name: string): T | null {
  try {
    return (Taro.getStorageSync(name) || null) as T | null;
  } catch (error) {
    console.warn(`${name} can't be read`, error);
    return null;
  }
}

export function keep(name: string, value: unknown): void {
  try {
    if (value === null) Taro.removeStorageSync(name);
    else Taro.setStorageSync(name, value);
  } catch (error) {
    console.warn(`${name} can't be kept`, error);
  }
}
