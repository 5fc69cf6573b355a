"""Delivers what has to be delivered, with the weather's help, until it is taken or WeChat gives up."""

import asyncio
import logging
import sqlite3
import ssl

import aiohttp

from region.wechat.server import letters, refunds, schedule, weather
from region.wechat.server.sandbox import Sandbox

log = logging.getLogger("wechat.courier")
TIMEOUT = 5.0
"""Seconds within which the shop has to answer."""
TICK = 0.05
AT_ONCE = 32
"""Deliveries that are on their way at the same time."""


class Courier:
    """Looks every moment for what is due. When it is due stands in the store, so that a restart loses nothing."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._going: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        trust = ssl.create_default_context(cafile=self._sandbox.config.trust or None)
        # Each delivery looks the name up and connects anew: the shop's servers come and go.
        connector = aiohttp.TCPConnector(ssl=trust, force_close=True, use_dns_cache=False, limit=2 * AT_ONCE)
        async with aiohttp.ClientSession(
            connector=connector, timeout=aiohttp.ClientTimeout(TIMEOUT)
        ) as session:
            while True:
                self._tick(session)
                await asyncio.sleep(TICK)

    def _tick(self, session: aiohttp.ClientSession) -> None:
        for number in [number for number, task in self._going.items() if task.done()]:
            self._going.pop(number).result()
        if self._sandbox.weather.down:
            return
        refunds.settle_due(self._sandbox)
        due = "SELECT * FROM letter WHERE due_at <= ? ORDER BY due_at LIMIT ?"
        for letter in self._sandbox.store.all(due, self._sandbox.now(), AT_ONCE):
            if letter["id"] not in self._going and len(self._going) < AT_ONCE:
                self._going[letter["id"]] = asyncio.create_task(self._deliver(session, letter))

    async def _deliver(self, session: aiohttp.ClientSession, letter: sqlite3.Row) -> None:
        fate = weather.fate(self._sandbox.weather, self._sandbox.dice)
        if letter["kind"] == "push":
            outcomes = [await self._push(session, letter)]
        else:
            if fate.probe:
                await self._notify(session, letter, "signtest")
            sent = (self._notify(session, letter, "delivery") for _ in range(fate.copies))
            outcomes = list(await asyncio.gather(*sent))
            if not outcomes:
                self._keep(letter, "lost", "never arrived")
        self._settle(letter, taken=any(outcomes))

    def _settle(self, letter: sqlite3.Row, *, taken: bool) -> None:
        sandbox, attempts, now = self._sandbox, letter["attempts"] + 1, self._sandbox.now()
        pause = None if taken else schedule.pause(letter["kind"], attempts, sandbox.weather.retry_scale)
        change = "UPDATE letter SET attempts = ?, due_at = ?, delivered_at = ?, changed_at = ? WHERE id = ?"
        due = None if pause is None else now + pause
        with sandbox.store.passing():
            sandbox.store.run(change, attempts, due, now if taken else None, now, letter["id"])
        if not taken:
            log.info("%s of %s: not taken, attempt %d", letter["event"], letter["subject"], attempts)

    async def _notify(self, session: aiohttp.ClientSession, letter: sqlite3.Row, kind: str) -> bool:
        body, headers = letters.sealed_notification(self._sandbox, letter, probe=kind == "signtest")
        try:
            async with session.post(
                letter["url"], data=body, headers=headers, allow_redirects=False
            ) as answer:
                await answer.read()
                self._keep(letter, kind, str(answer.status))
                return answer.status in (200, 204)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._keep(letter, kind, _said(error))
            return False

    async def _push(self, session: aiohttp.ClientSession, letter: sqlite3.Row) -> bool:
        body, query = letters.sealed_push(self._sandbox, letter)
        headers = {"Content-Type": "application/json", "User-Agent": "Mozilla/4.0"}
        try:
            async with session.post(letter["url"], params=query, data=body, headers=headers) as answer:
                text = (await answer.text()).strip()
                self._keep(letter, "delivery", f"{answer.status} {text[:100]}".strip())
                return answer.status == 200 and text in ("", "success")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._keep(letter, "delivery", _said(error))
            return False

    def _keep(self, letter: sqlite3.Row, kind: str, outcome: str) -> None:
        with self._sandbox.store.passing():
            now = self._sandbox.now()
            self._sandbox.store.run(
                "INSERT INTO attempt VALUES (?, ?, ?, ?)", letter["id"], now, kind, outcome
            )
            self._sandbox.store.run("UPDATE letter SET changed_at = ? WHERE id = ?", now, letter["id"])


def _said(error: BaseException) -> str:
    return (
        f"no answer within {TIMEOUT:.0f} s"
        if isinstance(error, TimeoutError)
        else f"{type(error).__name__}: {error}"
    )
