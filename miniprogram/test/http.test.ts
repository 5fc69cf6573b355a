import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiFailure, inWords } from "@/api/failure";
import { Http, queryString, type Reply, type Wire } from "@/api/http";
import { Submission } from "@/api/submission";

/** A network that answers what it is told to, in turn; "lost" never answers. */
function network(...replies: (Reply | "lost")[]) {
  const sent: Wire[] = [];
  const pauses: number[] = [];
  const state = { token: null as string | null, renews: 0, renewable: true };
  const http = new Http(
    "/api/v1",
    async (wire) => {
      sent.push(wire);
      const reply = replies.shift();
      assert.ok(reply, `unexpected ${wire.method} ${wire.url}`);
      if (reply === "lost") throw new Error("no answer");
      return reply;
    },
    {
      token: () => state.token,
      guest: () => "guest-token",
      renew: async () => {
        state.renews += 1;
        if (state.renewable) state.token = "fresh";
        return state.renewable;
      },
    },
    async (ms) => void pauses.push(ms),
  );
  return { http, sent, pauses, state };
}

const ok = (body: unknown): Reply => ({ status: 200, body });
const refused = (status: number, code: string, message = "no"): Reply => ({
  status,
  body: { error: { code, message } },
});

test("a guest is known by the guest's token, a user by the bearer token", async () => {
  const { http, sent, state } = network(ok(1), ok(2));
  await http.send("GET", "/cart");
  state.token = "mine";
  await http.send("GET", "/cart");
  assert.deepEqual(
    sent.map((wire) => wire.headers),
    [{ "X-Guest-Token": "guest-token" }, { Authorization: "Bearer mine" }],
  );
});

test("reads are repeated when the network fails, with pauses, and the answer comes", async () => {
  const { http, sent, pauses } = network("lost", { status: 503, body: null }, ok({ items: [] }));
  assert.deepEqual(await http.send("GET", "/products"), { items: [] });
  assert.equal(sent.length, 3);
  assert.ok(pauses[0]! < pauses[1]!);
});

test("three failures are told, not tried for ever", async () => {
  const { http } = network("lost", "lost", "lost");
  await assert.rejects(http.send("GET", "/products"), (failure: ApiFailure) => failure.code === "network");
});

test("a submission without a key is sent once only", async () => {
  const { http, sent } = network("lost");
  await assert.rejects(http.send("POST", "/cart/items", { body: {} }));
  assert.equal(sent.length, 1);
});

test("a submission with a key is repeated with the same key", async () => {
  const { http, sent } = network("lost", { status: 502, body: "bad gateway" }, ok({ number: "1" }));
  await http.send("POST", "/orders", { body: { items: [] }, key: "once-only" });
  assert.deepEqual(
    sent.map((wire) => wire.headers["Idempotency-Key"]),
    ["once-only", "once-only", "once-only"],
  );
});

test("an expired token is renewed silently, and the request sent again", async () => {
  const { http, sent, state } = network(refused(401, "login_required"), ok({ number: "1" }));
  state.token = "old";
  await http.send("GET", "/orders/1");
  assert.equal(sent[1]!.headers.Authorization, "Bearer fresh");
});

test("a token is renewed once only", async () => {
  const { http, state } = network(refused(401, "login_required"), refused(401, "login_required"));
  state.token = "old";
  await assert.rejects(http.send("GET", "/orders/1"), (failure: ApiFailure) => failure.status === 401);
  assert.equal(state.renews, 1);
});

test("who never logged in is not logged in silently", async () => {
  const { http, state } = network(refused(401, "login_required"));
  await assert.rejects(http.send("GET", "/orders"));
  assert.equal(state.renews, 0);
});

test("a login is sent as the guest, whose cart goes with it", async () => {
  const { http, sent, state } = network(ok({}));
  state.token = "old";
  await http.send("POST", "/auth/wechat", { body: { code: "c" }, asGuest: true });
  assert.equal(sent[0]!.headers["X-Guest-Token"], "guest-token");
  assert.equal(sent[0]!.headers.Authorization, undefined);
});

test("a refusal keeps its code and its field", async () => {
  const { http } = network({ status: 400, body: { error: { code: "invalid", message: "bad", field: "phone" } } });
  await assert.rejects(http.send("POST", "/me/addresses", { body: {} }), (failure: ApiFailure) => {
    assert.deepEqual([failure.status, failure.code, failure.field], [400, "invalid", "phone"]);
    return true;
  });
});

test("nothing is asked for what isn't set", () => {
  assert.equal(queryString({ q: "手机壳", category: "", page: 1, in_stock: undefined }), "?q=%E6%89%8B%E6%9C%BA%E5%A3%B3&page=1");
  assert.equal(queryString({}), "");
});

for (const [failure, words] of [
  [new ApiFailure(0, "network", "no answer"), "网络"],
  [new ApiFailure(409, "out_of_stock", "not enough"), "库存不足"],
  [new ApiFailure(409, "coupon_used", "优惠券已被使用"), "优惠券已被使用"],
  [new ApiFailure(404, "refused", "HTTP 404"), "不存在"],
  [new ApiFailure(500, "internal", "oops"), "服务器"],
  [new ApiFailure(400, "invalid", "bad", "phone"), "phone"],
  [new TypeError("undefined is not a function"), "稍后再试"],
] as [Error, string][]) {
  test(`${failure.message} is told as …${words}…`, () => assert.match(inWords(failure), new RegExp(words)));
}

test("a key is kept while the same thing is sent, and is another afterwards", () => {
  let made = 0;
  const submission = new Submission(() => `key-${++made}`);
  const first = submission.keyFor({ sku: 1 });
  assert.equal(submission.keyFor({ sku: 1 }), first);
  assert.notEqual(submission.keyFor({ sku: 2 }), first, "another content is another order");
  const second = submission.keyFor({ sku: 2 });
  submission.done();
  assert.notEqual(submission.keyFor({ sku: 2 }), second, "the next order of the same is a new one");
});
