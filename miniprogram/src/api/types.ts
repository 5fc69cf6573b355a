/** What the API answers. docs/shop.md and the OpenAPI document say the rest. Prices are whole fen, times RFC 3339. */

export interface Page<T> {
  items: T[];
  page: number;
  page_size: number;
  total: number;
}

export interface Card {
  id: number;
  name: string;
  subtitle: string;
  image_url: string | null;
  price_fen: number;
  market_price_fen: number | null;
  sold: number;
  in_stock: boolean;
  rating: number | null;
}

export interface Category {
  slug: string;
  name: string;
  image_url: string | null;
  children: Category[];
}

export interface Banner {
  title: string;
  image_url: string | null;
  product_id: number | null;
}

export interface FlashSale {
  id: number;
  sku_id: number;
  product_id: number;
  name: string;
  image_url: string | null;
  price_fen: number;
  original_price_fen: number;
  starts_at: string;
  ends_at: string;
  total: number;
  left: number;
  per_user: number;
}

export interface Home {
  banners: Banner[];
  categories: Category[];
  featured: Card[];
  flash_sales: FlashSale[];
}

export type Attributes = Record<string, string>;

export interface Sku {
  id: number;
  code: string;
  attributes: Attributes;
  price_fen: number;
  market_price_fen: number | null;
  stock: number;
  image_url: string | null;
}

export interface Product extends Card {
  description: string;
  /** The slug. */
  category: string;
  images: string[];
  skus: Sku[];
  reviews: { count: number; average: number | null };
}

export interface CartItem {
  sku_id: number;
  product_id: number;
  name: string;
  attributes: Attributes;
  image_url: string | null;
  price_fen: number;
  quantity: number;
  subtotal_fen: number;
  stock: number;
  available: boolean;
}

export interface Cart {
  items: CartItem[];
  total_fen: number;
  count: number;
}

export interface Coupon {
  id: number;
  name: string;
  threshold_fen: number;
  discount_fen: number;
  valid_until: string;
}

export interface UserCoupon {
  id: number;
  coupon: Coupon;
  state: "unused" | "used" | "expired";
}

export interface Coupons {
  claimable: Coupon[];
  mine: UserCoupon[];
}

export interface ItemOrder {
  sku_id: number;
  quantity: number;
}

export interface OrderLine {
  sku_id: number;
  product_id: number;
  name: string;
  attributes: Attributes;
  image_url: string | null;
  price_fen: number;
  quantity: number;
  subtotal_fen: number;
}

export interface Quote {
  items: OrderLine[];
  goods_fen: number;
  freight_fen: number;
  discount_fen: number;
  total_fen: number;
  coupons: UserCoupon[];
}

export interface NewAddress {
  name: string;
  phone: string;
  province: string;
  city: string;
  district: string;
  street: string;
  is_default: boolean;
}

export interface Address extends NewAddress {
  id: number;
}

export type OrderState =
  | "pending"
  | "paid"
  | "shipped"
  | "received"
  | "completed"
  | "cancelled"
  | "refunding"
  | "refunded";

export interface Order {
  number: string;
  state: OrderState;
  items: OrderLine[];
  goods_fen: number;
  freight_fen: number;
  discount_fen: number;
  total_fen: number;
  refunded_fen: number;
  address: Omit<NewAddress, "is_default">;
  remark: string;
  created_at: string;
  pay_until: string | null;
  paid_at: string | null;
  shipped_at: string | null;
  shipment: { carrier: string; tracking_number: string } | null;
}

/** What `wx.requestPayment` wants. */
export interface PayParameters {
  appId: string;
  timeStamp: string;
  nonceStr: string;
  package: string;
  signType: string;
  paySign: string;
}

export interface Tracking {
  carrier: string;
  tracking_number: string;
  events: { at: string; text: string }[];
}

export interface User {
  id: number;
  nickname: string;
  avatar_url: string;
  phone: string;
  roles: string[];
}

export interface Login {
  token: string;
  expires_at: string;
  user: User;
}

export interface Review {
  id: string;
  rating: number;
  text: string;
  images: string[];
  user: { nickname: string; avatar_url: string };
  attributes: Attributes;
  written_at: string;
  reply: string | null;
}

export interface Reviews extends Page<Review> {
  average: number | null;
}

export interface Upload {
  key: string;
  url: string;
  state: "checking" | "approved" | "refused";
}

export interface Message {
  id: number;
  from: "customer" | "staff";
  kind: "text" | "image";
  text: string;
  image_url: string | null;
  at: string;
}

export interface Conversation {
  items: Message[];
  open_until: string | null;
}

export interface ClientFacts {
  app_id: string;
  bridge_url: string;
}
