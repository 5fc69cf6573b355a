"""Somebody with a phone: Debian's Chromium at the size of one, on the shop's H5 pages.

Every page that is looked at is kept as a picture. What a person can't see, such as an error of a script or a request
that failed at the server, is kept too, so that a test can say that there was none.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tools.paths import ROOT

PICTURES = ROOT / "build" / "screenshots"
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PATIENCE_MS = 30_000


@dataclass
class Phone:
    """One person's browser, from its first visit on. `base` is the shop's address."""

    page: Page
    base: str
    problems: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go to a page by its address, as from a link: `cart/index`."""
        self.page.goto(f"{self.base}/#/pages/{path}")

    def see(self, words: str) -> None:
        """Wait until the words are on the screen."""
        expect(self.shown(words).first).to_be_visible(timeout=PATIENCE_MS)

    def shown(self, words: str) -> Locator:
        """What is on the screen with exactly these words; pages further back stay in the document, hidden."""
        return self.page.get_by_text(words, exact=True).locator("visible=true")

    def tap(self, words: str) -> None:
        """Press what says exactly these words."""
        self.shown(words).first.click()

    def type(self, place: str, text: str) -> None:
        """Write into the field that is marked with these words as long as it is empty."""
        fields = ", ".join(f'{kind}[placeholder="{place}"]' for kind in ("input", "textarea"))
        self.page.locator(fields).locator("visible=true").fill(text)

    def picture(self, name: str) -> None:
        """Keep what the screen shows, once it has come to rest."""
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(400)
        self.page.screenshot(path=PICTURES / f"{name}.png")

    def note(self, status: int, url: str) -> None:
        """Remember an answer that no page should provoke: the server's own failure, or a file that isn't there."""
        if status >= 500 or (status >= 400 and "/api/" not in url):
            self.problems.append(f"{status} {url}")

    def token(self) -> str:
        """The session of who is logged in."""
        return str(self.page.evaluate("JSON.parse(localStorage.getItem('token')).data"))


@dataclass(frozen=True)
class Shelf:
    """Where new phones are: each with a browser that has seen nothing yet."""

    browser: Browser

    @contextmanager
    def phone(self, base: str) -> Iterator[Phone]:
        """A new phone, gone afterwards."""
        context = self.browser.new_context(
            viewport={"width": 375, "height": 812},
            device_scale_factor=2,
            is_mobile=True,
            has_touch=True,
            locale="zh-CN",
            # The region's authority is not in the browser's store; other tests check certificates with curl.
            ignore_https_errors=True,
        )
        context.set_default_timeout(PATIENCE_MS)
        phone = Phone(context.new_page(), base)
        phone.page.on("pageerror", lambda error: phone.problems.append(f"script: {error}"))
        phone.page.on("response", lambda answer: phone.note(answer.status, answer.url))
        try:
            yield phone
        finally:
            context.close()


@contextmanager
def chromium(names: Mapping[str, str]) -> Iterator[Shelf]:
    """The browser, in which each of these names leads to its address."""
    rules = ", ".join(f"MAP {name} {address}" for name, address in names.items())
    flags = [*FLAGS, *([f"--host-resolver-rules={rules}"] if rules else [])]
    executable = shutil.which("chromium") or "/usr/bin/chromium"
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=flags)
        try:
            yield Shelf(browser)
        finally:
            browser.close()
