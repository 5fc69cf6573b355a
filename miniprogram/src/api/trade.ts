/** From the cart to the order. */
import { http } from "@/api/client";
import type {
  Cart,
  Coupons,
  ItemOrder,
  Order,
  OrderState,
  Page,
  PayParameters,
  Quote,
  Tracking,
  UserCoupon,
} from "@/api/types";

export interface NewOrder {
  items: ItemOrder[];
  address_id: number;
  user_coupon_id?: number;
  remark?: string;
}

const order = (number: string) => `/orders/${encodeURIComponent(number)}`;

export const trade = {
  cart: () => http.send<Cart>("GET", "/cart"),
  addToCart: (sku_id: number, quantity: number) =>
    http.send<Cart>("POST", "/cart/items", { body: { sku_id, quantity } }),
  setQuantity: (sku: number, quantity: number) =>
    http.send<Cart>("PUT", `/cart/items/${sku}`, { body: { quantity } }),
  removeFromCart: (sku: number) => http.send<Cart>("DELETE", `/cart/items/${sku}`),

  coupons: () => http.send<Coupons>("GET", "/coupons"),
  claim: (coupon: number) => http.send<UserCoupon>("POST", `/coupons/${coupon}/claim`),

  quote: (items: ItemOrder[], address_id?: number, user_coupon_id?: number) =>
    http.send<Quote>("POST", "/checkout", { body: { items, address_id, user_coupon_id } }),
  place: (body: NewOrder, key: string) => http.send<Order>("POST", "/orders", { body, key }),
  placeFlash: (sale: number, body: { quantity: number; address_id: number }, key: string) =>
    http.send<Order>("POST", `/flash-sales/${sale}/orders`, { body, key }),

  orders: (state: OrderState | "", page: number) =>
    http.send<Page<Order>>("GET", "/orders", { query: { state, page } }),
  order: (number: string) => http.send<Order>("GET", order(number)),
  pay: (number: string) => http.send<PayParameters>("POST", `${order(number)}/pay`),
  sync: (number: string) => http.send<Order>("POST", `${order(number)}/sync`),
  cancel: (number: string) => http.send<Order>("POST", `${order(number)}/cancel`),
  receive: (number: string) => http.send<Order>("POST", `${order(number)}/receive`),
  refund: (number: string, reason: string, key: string) =>
    http.send<Order>("POST", `${order(number)}/refunds`, { body: { reason }, key }),
  tracking: (number: string) => http.send<Tracking>("GET", `${order(number)}/tracking`),
};
