"""The mini-program as a browser gets it: files that can be kept for ever behind a page that must not be."""

import re
from pathlib import Path

import pytest

from tools import miniprogram

PUBLIC_PATH = "/static/h5/"
FIRST_LOAD_BYTES = 1024 * 1024
"""What is loaded before the first page is drawn, not compressed."""


@pytest.fixture(scope="module")
def h5() -> Path:
    """The build for browsers."""
    return miniprogram.build("h5")


def loaded(h5: Path) -> list[str]:
    """What the page loads at once."""
    return re.findall(r'(?:src|href)="([^"#]+)"', (h5 / "index.html").read_text())


@pytest.mark.slow
def test_the_page_loads_what_is_there(h5: Path) -> None:
    files = [path for path in loaded(h5) if not path.startswith("data:")]
    assert files
    assert all(path.startswith(PUBLIC_PATH) for path in files), files
    assert all((h5 / path.removeprefix(PUBLIC_PATH)).is_file() for path in files)


@pytest.mark.slow
def test_every_file_but_the_page_has_its_contents_hash_in_its_name(h5: Path) -> None:
    names = [str(path.relative_to(h5)) for path in h5.rglob("*") if path.suffix in {".js", ".css"}]
    assert len(names) > 20
    assert not [name for name in names if not re.search(r"\.[0-9a-f]{10}\.(js|css)$", name)]


@pytest.mark.slow
def test_the_first_load_is_small(h5: Path) -> None:
    files = [h5 / path.removeprefix(PUBLIC_PATH) for path in loaded(h5) if path.startswith(PUBLIC_PATH)]
    size = sum(path.stat().st_size for path in files)
    assert 100_000 < size < FIRST_LOAD_BYTES, f"{size / 1024:.0f} KiB"


@pytest.mark.slow
def test_no_page_carries_the_common_code_again(h5: Path) -> None:
    """Only the packages' own chunks are large."""
    large = [path.name for path in h5.rglob("*.js") if path.stat().st_size > 100_000]
    assert len(large) <= 3, large


@pytest.mark.slow
def test_the_api_is_asked_on_the_same_origin(h5: Path) -> None:
    code = "\n".join(path.read_text() for path in h5.rglob("*.js"))
    assert '"/api/v1"' in code


@pytest.mark.slow
def test_nothing_is_written_into_the_page_that_a_strict_policy_would_refuse(h5: Path) -> None:
    assert not re.search(r"<script(?![^>]*\bsrc=)", (h5 / "index.html").read_text())


@pytest.mark.slow
def test_sizes_grow_with_the_screen(h5: Path) -> None:
    styles = "\n".join(path.read_text() for path in h5.rglob("*.css"))
    assert re.search(r"html\s*{[^}]*font-size:\s*clamp\(17px,\s*5\.3333vw,\s*24px\)", styles, re.IGNORECASE)
    assert re.search(r"\d+rem\b", styles)
