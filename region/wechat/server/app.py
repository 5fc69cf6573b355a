"""The addresses, and what surrounds every answer: the weather, signatures, and the shapes of refusals."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from region.wechat.server import (
    bills,
    cashier,
    ledger,
    login,
    messages,
    pay,
    pay_request,
    push_url,
    refunds,
    shipping,
    signing,
)
from region.wechat.server.courier import Courier
from region.wechat.server.errors import ApiError, PayError, SandboxError
from region.wechat.server.sandbox import Sandbox

log = logging.getLogger("wechat")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SANDBOX = web.AppKey("sandbox", Sandbox)
BRIDGE = Path(__file__).with_name("bridge.js")
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Allow-Methods": "GET, POST, PUT, OPTIONS",
    "Access-Control-Max-Age": "600",
}
SPELL_SECONDS, LONGEST_SPELL_SECONDS = 60, 86400
"""How long somebody's weather lasts, who doesn't say; whoever was killed can't end it."""
OWN = ("/sandbox/", "/bridge.js", "/healthz")
"""What WeChat doesn't have: no weather there."""


def _json(content: object, status: int = 200) -> web.Response:
    return web.json_response(text=json.dumps(content, ensure_ascii=False), status=status)


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ApiError(47001, "data format error")
    return body


def _thrown(request: web.Request, chance: float) -> bool:
    return request.app[SANDBOX].dice.random() < chance


def _hang_up(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()


async def _struck(request: web.Request) -> web.Response | None:
    """What the weather answers in the place of an interface; None where it lets the request pass."""
    now = request.app[SANDBOX].weather
    await asyncio.sleep(now.slow_seconds)
    if now.hang_up:
        _hang_up(request)
    if now.hang_up or now.down:
        return _json({"code": "SYSTEM_ERROR", "message": "系统异常，请稍后重试"}, 503)
    if _thrown(request, now.busy):
        if request.path.startswith("/v3/"):
            return _json({"code": "FREQUENCY_LIMITED", "message": "频率超限"}, 429)
        return _json({"errcode": -1, "errmsg": "system error"})
    return None


@web.middleware
async def _around(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The weather, and refusals in the right shape."""
    own = request.path.startswith(OWN)
    if own and request.method == "OPTIONS":
        return web.Response(status=204, headers=CORS)
    if not own:
        refused = await _struck(request)
        if refused is not None:
            return refused
    try:
        answer = await handler(request)
    except ApiError as error:
        answer = _json(error.body()) if not own else _json({"code": "INVALID", "message": error.errmsg}, 400)
    except SandboxError as error:
        answer = _json({"code": error.code, "message": error.message}, error.status)
    if not own and _thrown(request, request.app[SANDBOX].weather.cut):
        _hang_up(request)
    if own:
        answer.headers.update(CORS)
    return answer


def _api(
    work: Callable[[Sandbox, dict[str, Any]], dict[str, Any]], *, token: bool = True
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """An interface of api.weixin.qq.com: JSON in, JSON out, with an access token."""

    async def handle(request: web.Request) -> web.Response:
        sandbox = request.app[SANDBOX]
        if token:
            login.check_token(sandbox, request.query.get("access_token"))
        return _json(work(sandbox, await _object(request)))

    return handle


def _pay(
    work: Callable[[Sandbox, web.Request, dict[str, Any]], dict[str, Any] | None],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """An interface of WeChat Pay: the request's signature is verified, every answer is signed."""

    async def handle(request: web.Request) -> web.Response:
        sandbox = request.app[SANDBOX]
        try:
            body = await _signed_object(sandbox, request)
            found = work(sandbox, request, body)
            status, content = (204, "") if found is None else (200, json.dumps(found, ensure_ascii=False))
        except PayError as error:
            status, content = error.status, json.dumps(error.body(), ensure_ascii=False)
        headers = signing.headers(sandbox.own_key, sandbox.config.public_key_id, content)
        if content:
            headers["Content-Type"] = "application/json; charset=utf-8"
        return web.Response(status=status, headers=headers, body=content.encode())

    return handle


async def _signed_object(sandbox: Sandbox, request: web.Request) -> dict[str, Any]:
    try:
        text = (await request.read()).decode()
    except UnicodeDecodeError as error:
        raise PayError(400, "PARAM_ERROR", "请求体不是 UTF-8 编码") from error
    authorization = request.headers.get("Authorization", "")
    pay_request.authenticate(sandbox, request.method, request.raw_path, text, authorization)
    try:
        body = json.loads(text or "{}")
    except ValueError as error:
        raise PayError(400, "PARAM_ERROR", "请求体不是有效的 JSON") from error
    if not isinstance(body, dict):
        raise PayError(400, "PARAM_ERROR", "请求体应为 JSON 对象")
    return body


async def _code2session(request: web.Request) -> web.Response:
    return _json(login.code2session(request.app[SANDBOX], request.query))


async def _media(request: web.Request) -> web.Response:
    sandbox = request.app[SANDBOX]
    login.check_token(sandbox, request.query.get("access_token"))
    form = await request.post()
    file = form.get("media")
    content = file.file.read() if isinstance(file, web.FileField) else b""
    return _json(messages.upload_media(sandbox, request.query.get("type", ""), content))


async def _bill_file(request: web.Request) -> web.Response:
    sandbox = request.app[SANDBOX]
    try:
        authorization = request.headers.get("Authorization", "")
        pay_request.authenticate(sandbox, "GET", request.raw_path, "", authorization)
        return web.Response(body=bills.fetch(sandbox, request.query.get("token", "")))
    except PayError as error:
        return _json(error.body(), error.status)


async def _ledger(request: web.Request) -> web.Response:
    return _json(ledger.testify(request.app[SANDBOX], request.query.get("since")))


async def _weather(request: web.Request) -> web.Response:
    sandbox = request.app[SANDBOX]
    of = request.query.get("of", "")
    if request.method == "PUT":
        sandbox.have_weather(await _object(request), of=of, seconds=_seconds(request))
    elif request.method == "DELETE":
        sandbox.end_weather(of=of)
    return _json(sandbox.weather.to_json())


def _seconds(request: web.Request) -> float:
    told = request.query.get("seconds", str(SPELL_SECONDS))
    if not told.isdecimal() or not 0 < int(told) <= LONGEST_SPELL_SECONDS:
        raise SandboxError(400, "INVALID", f"weather can't last {told!r} seconds")
    return float(told)


async def _push_url(request: web.Request) -> web.Response:
    return _json(await push_url.configure(request.app[SANDBOX], await _object(request)))


async def _reset(request: web.Request) -> web.Response:
    request.app[SANDBOX].store.reset()
    return _json({})


async def _bridge(request: web.Request) -> web.Response:
    return web.Response(text=BRIDGE.read_text(), content_type="text/javascript", charset="utf-8")


async def _health(request: web.Request) -> web.Response:
    return web.Response(text="ok")


def _ended(courier: asyncio.Task[None]) -> None:
    """A courier that died must not go unnoticed: the process ends with it, and systemd starts another."""
    if not courier.cancelled():
        log.critical("the courier died", exc_info=courier.exception())
        raise web.GracefulExit


async def _deliveries(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(Courier(app[SANDBOX]).run())
    task.add_done_callback(_ended)
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    app[SANDBOX].store.close()


def application(sandbox: Sandbox) -> web.Application:
    """Everything under its address, whatever name it was asked by."""
    orders, bill = "/v3/pay/transactions", "/v3/bill"
    back = "/v3/refund/domestic/refunds"
    app = web.Application(middlewares=[_around], client_max_size=10 * 1024 * 1024)
    app[SANDBOX] = sandbox
    app.cleanup_ctx.append(_deliveries)
    app.add_routes(
        [
            web.get("/sns/jscode2session", _code2session),
            web.post("/cgi-bin/stable_token", _api(login.stable_token, token=False)),
            web.post("/wxa/business/getuserphonenumber", _api(login.phone_number)),
            web.post("/wxa/msg_sec_check", _api(messages.check_text)),
            web.post("/wxa/media_check_async", _api(messages.check_media)),
            web.post("/cgi-bin/media/upload", _media),
            web.post("/cgi-bin/message/subscribe/send", _api(messages.subscribe)),
            web.post("/cgi-bin/message/custom/send", _api(messages.custom)),
            web.post("/wxa/sec/order/upload_shipping_info", _api(shipping.upload)),
            web.post(f"{orders}/jsapi", _pay(lambda sandbox, _, body: pay.prepay(sandbox, body))),
            web.get(f"{orders}/out-trade-no/{{number}}", _pay(_query("out_trade_no"))),
            web.get(f"{orders}/id/{{number}}", _pay(_query("transaction_id"))),
            web.post(f"{orders}/out-trade-no/{{number}}/close", _pay(_close)),
            web.post(back, _pay(lambda sandbox, _, body: refunds.create(sandbox, body))),
            web.get(
                f"{back}/{{number}}",
                _pay(lambda sandbox, asked, _: refunds.query(sandbox, asked.match_info["number"])),
            ),
            web.get(f"{bill}/{{kind:tradebill|fundflowbill}}", _pay(_bill)),
            web.get("/v3/billdownload/file", _bill_file),
            web.post("/sandbox/login", _api(cashier.login, token=False)),
            web.post("/sandbox/phone", _api(cashier.phone, token=False)),
            web.post("/sandbox/cashier", _api(cashier.bill, token=False)),
            web.post("/sandbox/pay", _api(cashier.decide, token=False)),
            web.post("/sandbox/subscribe", _api(cashier.consent, token=False)),
            web.post("/sandbox/customer-message", _api(cashier.write, token=False)),
            web.get("/sandbox/ledger", _ledger),
            web.get("/sandbox/weather", _weather),
            web.put("/sandbox/weather", _weather),
            web.delete("/sandbox/weather", _weather),
            web.put("/sandbox/push", _push_url),
            web.post("/sandbox/reset", _reset),
            web.get("/bridge.js", _bridge),
            web.get("/healthz", _health),
        ]
    )
    return app


def _query(column: str) -> Callable[[Sandbox, web.Request, dict[str, Any]], dict[str, Any]]:
    def work(sandbox: Sandbox, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        return pay.query(sandbox, column, request.match_info["number"], request.query.get("mchid"))

    return work


def _close(sandbox: Sandbox, request: web.Request, body: dict[str, Any]) -> None:
    pay.close(sandbox, request.match_info["number"], body)


def _bill(sandbox: Sandbox, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    return bills.order(sandbox, request.match_info["kind"], request.query)
