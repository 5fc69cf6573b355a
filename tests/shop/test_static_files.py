"""Static files of the admin, as a browser finds them on the CDN."""

from io import StringIO
from posixpath import join, normpath
from re import findall

import pytest
from django.core.management import call_command
from django.templatetags.static import static

from core.drivers import storage
from core.static import files, folder
from tests.shop.conftest import Shop


def publish() -> str:
    said = StringIO()
    call_command("publish_static", stdout=said)
    return said.getvalue().strip()


def test_what_a_page_refers_to_is_published_once(shop: Shop) -> None:
    first = publish()
    assert first == f"changed={len(files())} files={len(files())} bucket={shop.bucket}"
    assert publish() == first.replace(f"changed={len(files())}", "changed=0")
    address = static("admin/css/base.css")
    assert address == f"https://cdn.test/static/{folder()}/admin/css/base.css"
    key = address.removeprefix("https://cdn.test/static/")
    found = storage.client().get_object(Bucket=shop.bucket, Key=key)
    assert found["ContentType"] == "text/css; charset=utf-8"
    assert "immutable" in found["CacheControl"]
    assert found["Body"].read() == files()["admin/css/base.css"].read_bytes()


def test_style_sheets_find_their_pictures() -> None:
    broken = []
    for name, path in files().items():
        if name.startswith("admin/css/"):
            for reference in findall(r"url\([\"']?(?!data:|#)([^)\"'?#]+)", path.read_text()):
                if normpath(join(name, "..", reference)) not in files():
                    broken.append((name, reference))
    assert broken == []


def test_a_file_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.css"):
        static("nothing.css")
    assert static("admin/img/").endswith(f"{folder()}/admin/img/")
