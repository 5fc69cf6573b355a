"""The API's own description: valid, kept in the documentation, and true to what the shop answers."""

import json
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from openapi_spec_validator import validate

from core.routes import build
from shop import groups

KEPT = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.json"


def printed() -> str:
    out = StringIO()
    call_command("openapi", stdout=out)
    return out.getvalue()


def test_the_document_is_valid() -> None:
    validate(json.loads(printed()))


def test_the_documentation_has_it_as_it_is() -> None:
    assert KEPT.read_text() == printed(), (
        "run: python app/manage.py openapi --write docs/reference/openapi.json"
    )


def test_it_is_written_where_asked(tmp_path: Path) -> None:
    call_command("openapi", write=tmp_path / "openapi.json")
    assert (tmp_path / "openapi.json").read_text() == printed()


def test_every_address_says_how_it_refuses_and_has_a_group_that_serves_it() -> None:
    document = json.loads(printed())
    paths = [path for group in groups.GROUPS for path in group.paths]
    for address, methods in document["paths"].items():
        assert any(address == path or address.startswith(path + "/") for path in paths), address
        for method, operation in methods.items():
            assert operation["summary"], (method, address)
            if "security" in operation:
                assert "401" in operation["responses"], (method, address)


def test_each_group_serves_its_own_part() -> None:
    whole = set(json.loads(printed())["paths"])
    parts = [
        set(build(group.name).get_openapi_schema(path_prefix="/api/v1/")["paths"]) for group in groups.GROUPS
    ]
    assert set.union(*parts) == whole
    assert sum(len(part) for part in parts) == len(whole)
