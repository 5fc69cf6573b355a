"""What the installed SDK tells beyond the fact table: which inputs the cloud fills in when they are not given.

    python -m region.schema_from_sdk

writes `schema/tencentcloud-0.2.3-computed.json`: for each type the paths of its inputs that are optional and computed.
The SDK's generator types an output as optional when the provider's schema has it as optional and not as computed; so an
input that is not required and whose output is not optional is a computed one.
"""

import ast
import functools
import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from region import schema

TARGET = schema.HERE / "tencentcloud-0.2.3-computed.json"


def snake(name: str) -> str:
    """`blockAllPublicAccess` as `block_all_public_access`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def sdk() -> Path:
    """The installed SDK's folder; looked up without importing it."""
    found = importlib.util.find_spec("tencentcloud_iac_pulumi")
    if found is None or found.origin is None:
        raise FileNotFoundError("tencentcloud_iac_pulumi is not installed; next: make setup")
    return Path(found.origin).parent


@functools.cache
def _classes(file: Path) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in ast.parse(file.read_text()).body if isinstance(node, ast.ClassDef)}


def _folder(module: str) -> Path:
    # `As` is a keyword of Python and has an underscore.
    plain = sdk() / module.lower()
    return plain if plain.exists() else sdk() / f"{module.lower()}_"


def _outputs(declared: ast.ClassDef) -> dict[str, ast.expr]:
    """The annotations of a class's properties, by the names that the provider has for them."""
    found: dict[str, ast.expr] = {}
    for node in declared.body:
        if isinstance(node, ast.FunctionDef) and node.returns is not None:
            for decorator in node.decorator_list:
                if "getter" in ast.unparse(decorator):
                    found[_getter_name(decorator, node.name)] = node.returns
    return found


def _getter_name(decorator: ast.expr, default: str) -> str:
    if isinstance(decorator, ast.Call):
        for keyword in decorator.keywords:
            if isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return default


def computed(type_: str) -> list[str]:
    """The paths of a type's inputs that the cloud fills in when they are not given, sorted."""
    module, kind = type_.split(":")[1].split("/")
    folder = _folder(module)
    declared = _classes(folder / f"{snake(kind)}.py")[type_.rpartition(":")[2]]
    wanted = {
        name + ("" if field.get("required") else "?"): field["type"]
        for name, field in schema.fields(type_).items()
    }
    return sorted(_computed(wanted, _outputs(declared), folder / "outputs.py", ""))


def _computed(
    wanted: dict[str, Any], outputs: dict[str, ast.expr], nested: Path, prefix: str
) -> Iterator[str]:
    for key, type_ in wanted.items():
        name = key.rstrip("?")
        annotation = ast.unparse(outputs[name]) if name in outputs else ""
        inner, place = type_, f"{prefix}{name}"
        if annotation and key.endswith("?") and "Optional[" not in annotation:
            yield place
        if isinstance(inner, list):
            inner, place = inner[0], f"{place}[]"
        if (
            isinstance(inner, dict)
            and "*" not in inner
            and (found := re.search(r"outputs\.(\w+)", annotation))
        ):
            yield from _computed(inner, _outputs(_classes(nested)[found[1]]), nested, f"{place}.")


def table() -> dict[str, list[str]]:
    """The whole table."""
    found = {type_: computed(type_) for type_ in sorted(schema.types())}
    return {type_: names for type_, names in found.items() if names}


def text() -> str:
    """The table as it stands in its file."""
    return json.dumps(table(), indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text())
