"""What is wrong with a configuration file: all of it at once, each with its file and field."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to correct."""

    file: str
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.field}" if self.field else self.file
        return f"{where}: {self.message}"


class ConfigError(Exception):
    """A stack's configuration cannot be used; `problems` has every reason."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest known name as the end of a sentence, or the known names."""
    names = list(known)
    near = get_close_matches(name, names, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known ones: {', '.join(names)}"


def field_path(namespace: str, location: tuple[int | str, ...]) -> str:
    """('network', 'subnets', 2, 'cidr') → shop:network.subnets[2].cidr."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return "tencentcloud:region" if path == "region" else f"{namespace}:{path}"


def problems_of(error: ValidationError, file: str, namespace: str, model: type[BaseModel]) -> list[Problem]:
    """Pydantic's findings in the words of the file."""
    return [
        Problem(file, field_path(namespace, finding["loc"]), _message(finding, model))
        for finding in error.errors()
    ]


def _message(finding: Any, model: type[BaseModel]) -> str:
    kind, given, context = finding["type"], finding["input"], finding.get("ctx", {})
    match kind:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            known = _known_names(model, finding["loc"][:-1])
            return f"is not a known setting; {did_you_mean(str(finding['loc'][-1]), known)}"
        case "greater_than_equal":
            return f"{given!r} is too small: at least {context['ge']}"
        case "less_than_equal":
            return f"{given!r} is too large: at most {context['le']}"
        case "value_error":
            return str(context["error"])
        case "literal_error":
            return f"{given!r} is not one of {context['expected']}"
        case "int_parsing" | "int_type" | "int_from_float":
            return f"{given!r} is not a whole number"
        case "bool_parsing" | "bool_type":
            return f"{given!r} is neither true nor false"
        case "string_type" if given is None:
            return "is missing"
        case "model_type":
            return f"{given!r} is not a mapping of settings"
        case "multiple_of":
            return f"{given!r} is not a multiple of {context['multiple_of']}"
        case "string_pattern_mismatch":
            return f"{given!r} does not have the form {context['pattern']}"
        case _:
            return str(finding["msg"]).removeprefix("Input ")


def _known_names(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The field names of the section at this location."""
    schema = model.model_json_schema(by_alias=True)
    definitions = schema.get("$defs", {})
    node: dict[str, Any] = schema
    for part in location:
        node = _resolved(node["items"] if isinstance(part, int) else node["properties"][part], definitions)
    return [name for name in node.get("properties", {}) if name != "environment"]


def _resolved(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    for choice in (node, *node.get("anyOf", ())):
        if "$ref" in choice:
            found: dict[str, Any] = definitions[choice["$ref"].rpartition("/")[2]]
            return found
    return node
