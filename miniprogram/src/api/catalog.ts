/** What is for sale. */
import { http } from "@/api/client";
import type { Card, Category, FlashSale, Home, Page, Product, Reviews } from "@/api/types";

export type Sort = "default" | "price" | "-price" | "sales" | "newest" | "relevance";

export interface Filters {
  category?: string;
  min_price_fen?: number;
  max_price_fen?: number;
  in_stock?: boolean;
  sort?: Sort;
}

export const catalog = {
  home: () => http.send<Home>("GET", "/home"),
  categories: () => http.send<{ items: Category[] }>("GET", "/categories"),
  products: (category: string, sort: Sort, page: number) =>
    http.send<Page<Card>>("GET", "/products", { query: { category, sort, page } }),
  product: (id: number) => http.send<Product>("GET", `/products/${id}`),
  search: (q: string, filters: Filters, page: number) =>
    http.send<Page<Card>>("GET", "/search", { query: { q, ...filters, page } }),
  suggestions: (q: string) => http.send<{ items: string[] }>("GET", "/search/suggestions", { query: { q } }),
  forYou: () => http.send<{ items: Card[] }>("GET", "/recommendations"),
  boughtTogether: (id: number) => http.send<{ items: Card[] }>("GET", `/recommendations/${id}`),
  flashSales: () => http.send<{ items: FlashSale[] }>("GET", "/flash-sales"),
  reviews: (product: number, page: number, page_size = 10) =>
    http.send<Reviews>("GET", "/reviews", { query: { product_id: product, page, page_size } }),
};
