/* What H5 lacks outside WeChat: window.ShopBridge logs in, gives a telephone number and pays at the sandbox.
 *
 * The person is kept by the browser; set ShopBridge.person to be somebody else.
 */
(() => {
  "use strict";
  const base = new URL(document.currentScript.src).origin;
  const KEY = "shop-bridge-person";

  function kept() {
    let name = localStorage.getItem(KEY);
    if (!name) {
      name = "h5-" + Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");
      localStorage.setItem(KEY, name);
    }
    return name;
  }

  async function ask(path, body) {
    const answer = await fetch(base + path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const found = await answer.json();
    if (!answer.ok) throw new Error(found.message || `HTTP ${answer.status}`);
    return found;
  }

  const STYLE = `
    .wxpay-mask { position: fixed; inset: 0; z-index: 99999; background: rgba(0, 0, 0, .55); display: flex;
      align-items: flex-end; justify-content: center; font: 16px/1.5 -apple-system, "PingFang SC", "Noto Sans CJK SC", sans-serif; }
    .wxpay-sheet { width: 100%; max-width: 480px; background: #fff; color: #111; border-radius: 14px 14px 0 0;
      padding: 14px 20px calc(24px + env(safe-area-inset-bottom)); box-sizing: border-box; text-align: center; }
    .wxpay-head { position: relative; padding: 4px 0 14px; border-bottom: 1px solid #eee; font-weight: 600; }
    .wxpay-close { position: absolute; left: -6px; top: 0; border: 0; background: none; font-size: 15px; color: #576b95;
      padding: 6px; cursor: pointer; }
    .wxpay-merchant { margin: 22px 0 2px; font-size: 15px; color: #555; overflow-wrap: anywhere; }
    .wxpay-amount { font-size: 42px; font-weight: 600; letter-spacing: -1px; }
    .wxpay-amount small { font-size: 26px; margin-right: 3px; font-weight: 500; }
    .wxpay-lines { margin: 22px 0 26px; border-bottom: 1px solid #eee; font-size: 15px; color: #555; }
    .wxpay-line { display: flex; justify-content: space-between; padding: 12px 2px; border-top: 1px solid #eee; }
    .wxpay-pay { width: 100%; border: 0; border-radius: 8px; background: #07c160; color: #fff; font-size: 17px;
      font-weight: 600; padding: 12px 0; cursor: pointer; }
    .wxpay-pay:disabled { opacity: .6; }`;

  function element(tag, className, text, attributes = {}) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  /* Shows what is to be paid; resolves with whether the person wants to. */
  function cashier(bill) {
    return new Promise((resolve) => {
      const mask = element("div", "wxpay-mask", "", { role: "dialog", "aria-modal": "true", "aria-label": "微信支付" });
      const sheet = element("div", "wxpay-sheet");
      const head = element("div", "wxpay-head", "微信支付");
      const cancel = element("button", "wxpay-close", "取消", { "data-testid": "wechat-pay-cancel", type: "button" });
      const confirm = element("button", "wxpay-pay", "支付", { "data-testid": "wechat-pay-confirm", type: "button" });
      const amount = element("div", "wxpay-amount", "", { "data-testid": "wechat-pay-amount" });
      amount.append(element("small", "", "¥"), (bill.total / 100).toFixed(2));
      const line = (name, value) => {
        const made = element("div", "wxpay-line");
        made.append(element("span", "", name), element("span", "", value));
        return made;
      };
      const lines = element("div", "wxpay-lines");
      lines.append(line("收款方", bill.merchant), line("付款方式", "零钱"));
      head.append(cancel);
      sheet.append(element("style", "", STYLE), head, element("div", "wxpay-merchant", bill.description), amount, lines, confirm);
      mask.append(sheet);
      document.body.append(mask);
      const end = (paid) => {
        mask.remove();
        resolve(paid);
      };
      cancel.addEventListener("click", () => end(false));
      confirm.addEventListener("click", () => {
        confirm.disabled = true;
        end(true);
      });
    });
  }

  const failed = (why) => ({ errMsg: `requestPayment:fail ${why}`.trim() });

  window.ShopBridge = {
    get person() {
      return kept();
    },
    set person(name) {
      localStorage.setItem(KEY, name);
    },

    /* As wx.login: {code}. */
    async login() {
      const { code } = await ask("/sandbox/login", { person: kept() });
      return { code, errMsg: "login:ok" };
    },

    /* As the button getPhoneNumber: {code}. */
    async phone() {
      const { code } = await ask("/sandbox/phone", { person: kept() });
      return { code, errMsg: "getPhoneNumber:ok" };
    },

    /* As wx.requestPayment: resolves when it is paid, rejects with an errMsg when it isn't. */
    async pay({ timeStamp, nonceStr, package: prepay, signType, paySign, appId }) {
      const parameters = { timeStamp, nonceStr, package: prepay, signType, paySign, appId };
      let bill;
      try {
        bill = await ask("/sandbox/cashier", { parameters });
      } catch (error) {
        throw failed(error.message);
      }
      const outcome = (await cashier(bill)) ? "success" : "cancel";
      let state;
      try {
        ({ state } = await ask("/sandbox/pay", { parameters, person: kept(), outcome }));
      } catch (error) {
        throw failed(error.message);
      }
      if (state !== "SUCCESS") throw failed("cancel");
      return { errMsg: "requestPayment:ok" };
    },

    /* As wx.requestSubscribeMessage. */
    async subscribe(templateIds) {
      const answers = { errMsg: "requestSubscribeMessage:ok" };
      for (const template_id of templateIds) {
        Object.assign(answers, await ask("/sandbox/subscribe", { person: kept(), template_id }));
      }
      return answers;
    },
  };
})();
