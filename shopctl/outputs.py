"""The stack's outputs, read from the engine's state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shopctl.errors import ShopctlError

if TYPE_CHECKING:
    from infra.outputs import StackOutputs
    from shopctl.environment import Environment
    from shopctl.report import Report


class NotUpError(ShopctlError):
    """There is no stack to speak of."""


def raw(environment: Environment, report: Report) -> dict[str, Any]:
    """The outputs as the engine gives them, secrets in clear."""
    from shopctl.drivers.engine import open_engine

    with open_engine(environment, report, provider=False) as engine:
        outputs = engine.outputs()
    if not outputs:
        raise NotUpError(
            f"{environment.name} is not up: it has no outputs",
            next_step=f"shopctl --env {environment.name} up",
        )
    return outputs


def parse(environment: Environment, outputs: dict[str, Any]) -> StackOutputs:
    """The outputs, typed."""
    from infra.outputs import OutputsError, StackOutputs

    try:
        return StackOutputs.parse(outputs)
    except OutputsError as error:
        raise ShopctlError(
            f"the outputs of {environment.name} are not complete",
            last_lines=str(error).splitlines(),
            next_step=f"shopctl --env {environment.name} up finishes an interrupted run",
        ) from error


def read(environment: Environment, report: Report) -> StackOutputs:
    """Both."""
    return parse(environment, raw(environment, report))


def masked(value: Any) -> Any:
    """The typed outputs as plain data, in the stack's own names, secrets as ***."""
    from pydantic import BaseModel, SecretStr

    if isinstance(value, SecretStr):
        return "***"
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {field.alias or name: masked(getattr(value, name)) for name, field in fields.items()}
    if isinstance(value, dict):
        return {str(key): masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return value
