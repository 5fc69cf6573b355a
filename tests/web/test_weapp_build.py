"""The mini-program as WeChat gets it: every page is there, and WeChat would take it."""

import json
import re
from pathlib import Path

import pytest

from tools import miniprogram

MAIN_PACKAGE_BYTES = 2 * 1024 * 1024
"""WeChat's limit for the main package."""
TAB_ICON_LIMIT = 5
SOURCE = miniprogram.SOURCE / "src"


@pytest.fixture(scope="module")
def weapp() -> Path:
    """The build for WeChat."""
    return miniprogram.build("weapp")


def app(weapp: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((weapp / "app.json").read_text())
    return found


@pytest.mark.slow
def test_every_page_of_the_sources_is_in_the_build(weapp: Path) -> None:
    written = {f"pages/{path.parent.name}/index" for path in SOURCE.glob("pages/*/index.tsx")}
    assert len(written) >= 15
    assert set(app(weapp)["pages"]) == written  # type: ignore[call-overload]
    for page in written:
        for kind in ("js", "json", "wxml", "wxss"):
            assert (weapp / f"{page}.{kind}").exists(), f"{page}.{kind}"


@pytest.mark.slow
def test_every_tab_is_a_page(weapp: Path) -> None:
    bar = app(weapp)["tabBar"]
    assert isinstance(bar, dict)
    assert 2 <= len(bar["list"]) <= TAB_ICON_LIMIT
    assert {tab["pagePath"] for tab in bar["list"]} <= set(app(weapp)["pages"])  # type: ignore[call-overload]
    assert bar["custom"] is True
    assert (weapp / "custom-tab-bar" / "index.json").exists()


@pytest.mark.slow
def test_every_page_has_a_title(weapp: Path) -> None:
    for page in app(weapp)["pages"]:  # type: ignore[attr-defined]
        assert json.loads((weapp / f"{page}.json").read_text())["navigationBarTitleText"]


@pytest.mark.slow
def test_the_main_package_is_within_wechats_limit(weapp: Path) -> None:
    size = sum(path.stat().st_size for path in weapp.rglob("*") if path.is_file())
    assert 100_000 < size < MAIN_PACKAGE_BYTES, f"{size / 1024:.0f} KiB"


@pytest.mark.slow
def test_it_can_be_opened_as_a_project(weapp: Path) -> None:
    project = json.loads((weapp / "project.config.json").read_text())
    assert project["appid"]
    assert (weapp / project["miniprogramRoot"] / "app.json").exists()


@pytest.mark.slow
def test_what_only_a_browser_has_is_not_in_it(weapp: Path) -> None:
    code = "\n".join(path.read_text() for path in weapp.rglob("*.js"))
    assert "bridge.js" not in code
    assert "requestPayment" in code
    assert "getPhoneNumber" in "\n".join(
        path.read_text() for path in [*weapp.rglob("*.js"), *weapp.rglob("*.wxml")]
    )


@pytest.mark.slow
def test_style_sheets_have_wechats_unit(weapp: Path) -> None:
    styles = "\n".join(path.read_text() for path in weapp.rglob("*.wxss"))
    assert re.search(r"\d+rpx", styles)
    assert not re.search(r"\d+rem\b", styles)
