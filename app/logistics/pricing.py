"""What delivery costs. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """A base price up to the first weight and a price for each step begun above it; free from some goods price on."""

    base_fen: int
    free_above_fen: int | None
    first_grams: int
    step_grams: int
    step_fen: int


def freight(rate: Rate, *, goods_fen: int, weight_grams: int) -> int:
    """The price in fen of delivering goods of that price, without discounts, and weight."""
    if rate.free_above_fen is not None and goods_fen >= rate.free_above_fen:
        return 0
    above = max(0, weight_grams - rate.first_grams)
    return rate.base_fen + -(-above // rate.step_grams) * rate.step_fen
