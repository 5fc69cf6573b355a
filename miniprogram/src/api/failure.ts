/** How a request can fail, in words for the person who holds the phone. */

/** The answer to a request that could not be carried out. `status` is 0 when there was no answer. */
export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string | null = null,
  ) {
    super(message);
    this.name = "ApiFailure";
  }
}

const BY_CODE: Record<string, string> = {
  network: "网络不给力，请检查后重试",
  login_required: "请先登录",
  visitor_required: "请先登录",
  no_wechat: "请在微信中打开",
  cancelled: "已取消",
  out_of_stock: "手慢了，库存不足",
  sold_out: "手慢了，已抢光",
  not_found: "您要找的内容不存在或已下架",
  too_many: "操作太频繁，请稍后再试",
  too_large: "图片太大，请选择 2MB 以内的图片",
};

const BY_STATUS: Record<number, string> = {
  401: "请先登录",
  403: "没有权限进行此操作",
  404: "您要找的内容不存在或已下架",
  413: "内容太大了",
  429: "操作太频繁，请稍后再试",
};

/** One sentence in Chinese. The server's own words are shown where they are Chinese already. */
export function inWords(error: unknown): string {
  if (!(error instanceof ApiFailure)) return "出了点问题，请稍后再试";
  const known = BY_CODE[error.code];
  if (known) return known;
  if (/[\u4e00-\u9fff]/.test(error.message)) return error.message;
  const status = BY_STATUS[error.status];
  if (status) return status;
  if (error.status >= 500) return "服务器开小差了，请稍后再试";
  return error.field ? `请检查填写的内容（${error.field}）` : "操作没有成功，请稍后再试";
}

/** What the server said, from an answer in the documented shape or in any other. */
export function failureOf(status: number, body: unknown): ApiFailure {
  const error = (body as { error?: { code?: unknown; message?: unknown; field?: unknown } } | null)?.error;
  return new ApiFailure(
    status,
    typeof error?.code === "string" ? error.code : "refused",
    typeof error?.message === "string" ? error.message : `HTTP ${status}`,
    typeof error?.field === "string" ? error.field : null,
  );
}
