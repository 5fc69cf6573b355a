/** Checking an address before it is sent. */
import type { NewAddress } from "@/api/types";

const PHONE = /^(\+?[0-9]{5,15}|0[0-9]{2,3}-?[0-9]{7,8})$/;

/** What is wrong with it, in words; null when it can be sent. */
export function addressProblem(address: NewAddress): string | null {
  if (!address.name.trim()) return "请填写收货人";
  if (!PHONE.test(address.phone.trim())) return "请填写正确的手机号";
  if (!address.province || !address.city) return "请选择所在地区";
  if (address.street.trim().length < 2) return "请填写详细地址";
  return null;
}

/** Without blanks around what was typed. */
export function trimmedAddress(address: NewAddress): NewAddress {
  return { ...address, name: address.name.trim(), phone: address.phone.trim(), street: address.street.trim() };
}
