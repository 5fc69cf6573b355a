"""What every part of the stack shares."""

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True)
class Common:
    """What each resource of an environment is told: its environment, and whether its data is guarded."""

    environment: str
    region: str
    protect: bool

    @property
    def tags(self) -> dict[str, str]:
        """The tags that tell this stack's resources from others in the account."""
        return {"app": "shop", "environment": self.environment}

    def named(self, part: str) -> str:
        """A name for the console, where all environments stand side by side."""
        return f"shop-{self.environment}-{part}"


class Component(pulumi.ComponentResource):
    """A part of the stack; its children are named after it and stand under it."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(f"shop:infra:{type(self).__name__}", name, None, opts)
        self.__name = name

    def child_name(self, part: str) -> str:
        """A child's name in the stack's state."""
        return f"{self.__name}-{part}"

    def child(self, *, delete_first: bool = False) -> pulumi.ResourceOptions:
        """For a child that can be made again; `delete_first` where two cannot stand side by side."""
        return pulumi.ResourceOptions(parent=self, delete_before_replace=delete_first or None)

    def keeper(self, protect: bool, *, delete_first: bool = False) -> pulumi.ResourceOptions:
        """For a child that holds data: guarded against deletion where the configuration says so."""
        return pulumi.ResourceOptions(
            parent=self, protect=protect, delete_before_replace=delete_first or None
        )
