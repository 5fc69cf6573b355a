"""A plan: what would change, as data, and as text. Pure: nothing here asks the engine or the machine."""

from shopctl.plan.model import SIGNS, Change, Difference, Operation, Plan, short_type

__all__ = ["SIGNS", "Change", "Difference", "Operation", "Plan", "short_type"]
