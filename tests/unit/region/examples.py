"""For every type of the fact tables: inputs that the provider accepts, made from the tables alone."""

from collections.abc import Iterator
from typing import Any

from region import relations, schema
from region.traits import kind_of

TEXTS = {
    ("Cos/bucket", "aclBody"): "<AccessControlPolicy></AccessControlPolicy>",
    ("Cos/bucket", "bucket"): "media-1250000000",
    ("Cos/bucketPolicy", "bucket"): "media-1250000000",
    ("Cos/bucketPolicy", "policy"): "{}",
    ("Instance/instance", "instanceType"): "S5.MEDIUM2",
    ("Instance/instance", "cdhInstanceType"): "CDH_2C4G",
    ("Instance/instance", "spotMaxPrice"): "0.5",
    ("As/scalingConfig", "spotMaxPrice"): "0.5",
    ("As/schedule", "startTime"): "2026-11-22T20:00:00+08:00",
    ("As/schedule", "endTime"): "2026-11-23T20:00:00+08:00",
    ("Clb/targetGroup", "targetGroupInstances[].bindIp"): "10.0.0.4",
    ("Clb/targetGroupInstanceAttachment", "bindIp"): "10.0.0.4",
    ("Redis/instance", "type"): "master_slave_redis5.0",
    ("Route/tableEntry", "destinationCidrBlock"): "10.9.0.0/16",
    ("Security/groupRule", "portRange"): "80,443",
    ("Subnet/instance", "cidrBlock"): "10.0.1.0/24",
    ("Vpc/instance", "cidrBlock"): "10.0.0.0/16",
}
PASSWORD = "Letters-and-123456"
SCALARS = {"string": "text_of_it", "integer": 7, "number": 7, "boolean": True}


def rule_of(type_: str, path: str) -> dict[str, Any]:
    """What the checks table says of a property."""
    found: dict[str, Any] = schema.rules(type_).get(path, {})
    return found


def settable(type_: str, path: str) -> bool:
    return not rule_of(type_, path).get("computed_only")


def good(type_: str, path: str, wanted: Any) -> Any:
    """A value that the provider accepts at that path."""
    if isinstance(wanted, list):
        return [good(type_, f"{path}[]", wanted[0])]
    if isinstance(wanted, dict):
        if "*" in wanted:
            return {"key": good(type_, f"{path}.*", wanted["*"])}
        return {
            name: good(type_, f"{path}.{name}", kind)
            for name, kind in wanted.items()
            if not name.endswith("?")
        }
    rule = rule_of(type_, path)
    if "one_of" in rule:
        return rule["one_of"][0]
    if wanted == "string":
        if path.lower().endswith("password") and "refuses" in rule:
            return PASSWORD[-int(rule.get("max_length", 16)) :].replace("and-", "and-L")[-16:]
        text = TEXTS.get((kind_of(type_), path), SCALARS["string"])
        return text.ljust(rule.get("min_length", 0), "x")[: rule.get("max_length", 500)]
    if wanted == "boolean":
        return True
    number = max(SCALARS[wanted], rule.get("min", SCALARS[wanted]))
    return min(number, rule.get("max", number))


def minimal(type_: str) -> dict[str, Any]:
    """Just what is required."""
    fields = schema.fields(type_)
    wanted = [name for name, field in fields.items() if field.get("required")]
    wanted += [group[0] for group in relations.any_of(kind_of(type_))]
    return {name: good(type_, name, fields[name]["type"]) for name in wanted}


def together(type_: str, name: str) -> list[str]:
    """The inputs that have to be given with this one."""
    return [schema.camel(other) for other in rule_of(type_, name).get("needs_all", ())]


def with_one(type_: str, name: str) -> dict[str, Any]:
    """What is required, one more input, and what that one needs."""
    fields = schema.fields(type_)
    more = {other: good(type_, other, fields[other]["type"]) for other in (name, *together(type_, name))}
    excluded = relations.conflicts(kind_of(type_), name)
    return {**{other: value for other, value in minimal(type_).items() if other not in excluded}, **more}


def with_value(type_: str, path: str, value: Any) -> dict[str, Any]:
    """Inputs that are right but for one value at a path such as `targets[].weight`."""
    top = path.split(".")[0].removesuffix("[]")
    inputs = with_one(type_, top)
    steps = path.split(".")
    holder: Any = inputs
    wanted: Any = {name: field["type"] for name, field in schema.fields(type_).items()}
    for index, step in enumerate(steps):
        name, many = step.removesuffix("[]"), step.endswith("[]")
        wanted = wanted.get(name, wanted.get(f"{name}?"))
        if index == len(steps) - 1:
            holder[name] = [value] if many else value
            break
        here = f"{'.'.join(steps[:index])}.{name}".lstrip(".")
        if name not in holder:
            holder[name] = good(type_, here, wanted)
        holder, wanted = (holder[name][0], wanted[0]) if many else (holder[name], wanted)
    return inputs


def place(path: str) -> str:
    """The path as a failure names it: of the first element of each list."""
    return path.replace("[]", "[0]")


def wrong_values(type_: str, path: str, rule: dict[str, Any]) -> Iterator[Any]:
    """Values that break what the checks table says, one way each."""
    if "one_of" in rule:
        yield "NONSENSE" if isinstance(rule["one_of"][0], str) else 987654
    if "min" in rule:
        yield rule["min"] - 1
    if "max" in rule:
        yield rule["max"] + 1
    if rule.get("min_length"):
        yield "x" * (rule["min_length"] - 1)
    if "max_length" in rule:
        yield "x" * (rule["max_length"] + 1)


def other(type_: str, name: str, wanted: Any, value: Any) -> Any:
    """Another value of the same type, right or not."""
    if isinstance(wanted, list):
        return [*value, other(type_, f"{name}[]", wanted[0], value[0])]
    if isinstance(wanted, dict):
        if "*" in wanted:
            return {**value, "another": "1"}
        inner = next((key for key in wanted if key.rstrip("?") in value), None)
        if inner is None:
            key = next(iter(wanted))
            return {key.rstrip("?"): other(type_, key, wanted[key], _some(wanted[key]))}
        key = inner.rstrip("?")
        return {**value, key: other(type_, key, wanted[inner], value[key])}
    return (
        {"string": f"{value}x", "boolean": not value}.get(wanted)
        if wanted in ("string", "boolean")
        else value + 1
    )


def _some(wanted: Any) -> Any:
    if isinstance(wanted, list):
        return [_some(wanted[0])]
    return {} if isinstance(wanted, dict) else {"string": "x", "boolean": False}.get(wanted, 1)
