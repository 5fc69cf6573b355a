"""The pages of docs/region/, made from the code: what each resource stands for here, what is equal and what differs.

    python -m region.docs

The words are the classes' docstrings: the first paragraph says what the resource stands for, paragraphs that begin with
`Equal:` and `Differs:` say so. The tables are the fact tables'.
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from region import schema, traits
from region.resources import RESOURCES
from region.resources.base import Resource

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "region"
MARKS = ("Equal:", "Differs:")


def name_of(type_: str) -> str:
    """`tencentcloud:Mysql/instance:Instance` as `Mysql.Instance`; the name of its page too."""
    return f"{type_.split(':')[1].split('/')[0]}.{type_.rpartition(':')[2]}"


def parts(kind: type[Resource]) -> dict[str, list[str]]:
    """The paragraphs of a class's docstring: those before any mark under "", the others under their mark."""
    found: dict[str, list[str]] = {"": [], **{mark: [] for mark in MARKS}}
    mark = ""
    for paragraph in inspect.cleandoc(kind.__doc__ or "").split("\n\n"):
        text = " ".join(paragraph.split())
        mark = next((known for known in MARKS if text.startswith(known)), mark)
        if text := text.removeprefix(mark).strip():
            found[mark].append(text)
    return found


def problems(kind: type[Resource]) -> list[str]:
    """What a class's docstring lacks."""
    if "__doc__" not in vars(kind) or kind.__doc__ is None:
        return [f"{kind.__module__}.{kind.__name__} has no docstring"]
    said = parts(kind)
    name = f"{kind.__module__}.{kind.__name__}"
    found = [] if said[""] else [f"{name} does not say what it stands for"]
    if not any(said[mark] for mark in MARKS):
        found.append(f"{name} has neither an `Equal:` nor a `Differs:` paragraph")
    return found


def page(kind: type[Resource]) -> str:
    """The page of one resource."""
    said = parts(kind)
    lines = [f"# {name_of(kind.type)}", "", f"`{kind.type}`", ""]
    lines += ["\n\n".join(said[""]), ""]
    for mark, title in (("Equal:", "What is equal"), ("Differs:", "What differs")):
        if said[mark]:
            lines += [f"## {title}", "", "\n\n".join(_sentence(text) for text in said[mark]), ""]
    lines += ["## Inputs", "", "| Input | Type | Given | A change | Values |", "|---|---|---|---|---|"]
    lines += [_input(kind.type, name, field) for name, field in sorted(schema.fields(kind.type).items())]
    if computed := schema.computed(kind.type):
        lines += ["", "## Outputs beyond the inputs", "", "| Output | Type |", "|---|---|"]
        lines += [f"| `{name}` | {_type(wanted)} |" for name, wanted in sorted(computed.items())]
    return "\n".join(lines) + "\n"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _input(type_: str, name: str, field: dict[str, Any]) -> str:
    given = "required" if field.get("required") else "optional"
    defaults = traits.defaults(type_)
    if name in defaults:
        given = f"default `{defaults[name]}`"
    elif traits.is_computed(type_, name) and not field.get("required"):
        given = "or by the cloud"
    if field.get("deprecated"):
        given += ", deprecated"
    change = "**replaces**" if name in traits.replaces(type_) else "updates"
    notes = ["secret"] if field.get("secret") else []
    notes += list(_rules(type_, name))
    return f"| `{name}` | {_type(field['type'])} | {given} | {change} | {'; '.join(notes)} |"


def _rules(type_: str, name: str) -> Iterator[str]:
    for path, rule in schema.rules(type_).items():
        if path.split(".")[0].removesuffix("[]") != name:
            continue
        words = list(_rule(rule))
        inside = path.removeprefix(name).lstrip("[].")
        if words:
            yield (f"`{inside}`: " if inside else "") + ", ".join(words)


def _rule(rule: dict[str, Any]) -> Iterator[str]:
    if "one_of" in rule:
        yield " ".join(f"`{value}`" for value in rule["one_of"])
    if "min" in rule or "max" in rule:
        yield f"{rule.get('min', '')} to {rule.get('max', 'any')}".strip()
    if "min_length" in rule or "max_length" in rule:
        yield f"{rule.get('min_length', 0)} to {rule.get('max_length', 'any')} bytes"
    if "needs_all" in rule:
        yield "only with " + ", ".join(f"`{schema.camel(name)}`" for name in rule["needs_all"])
    if rule.get("computed_only"):
        yield "the cloud decides it"
    if "refuses" in rule:
        yield "a format of its own"


def _type(wanted: Any) -> str:
    if isinstance(wanted, list):
        return f"list of {_type(wanted[0])}"
    if isinstance(wanted, dict):
        return f"map of {wanted['*']}" if "*" in wanted else "object"
    return str(wanted)


def index() -> str:
    """The list of all pages, and which types there are no pages for."""
    lines = [
        "# What the local region realises",
        "",
        "One page per resource type, made from the code by `python -m region.docs`: what stands for what, what is",
        "equal, what differs and why. Check and Diff are the real provider's, for every input.",
        "",
        "| Resource | Stands for |",
        "|---|---|",
    ]
    for kind in sorted(RESOURCES, key=lambda kind: name_of(kind.type)):
        first = (parts(kind)[""] or [""])[0]
        lines.append(f"| [{name_of(kind.type)}]({name_of(kind.type)}.md) | {first} |")
    others = sorted(name_of(type_) for type_ in schema.types() - {kind.type for kind in RESOURCES})
    lines += [
        "",
        "Known to the tables and refused by Check with that reason, for the program doesn't use them:",
        "",
    ]
    lines += [", ".join(others) + "."]
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Every file's name and text."""
    return {"README.md": index()} | {f"{name_of(kind.type)}.md": page(kind) for kind in RESOURCES}


def main() -> int:
    """Write the pages, and take away those of resources that are gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = pages()
    for file in FOLDER.glob("*.md"):
        if file.name not in made:
            file.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
