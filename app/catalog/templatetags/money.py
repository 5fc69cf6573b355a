"""Showing fen as yuan."""

from django import template

register = template.Library()


@register.filter
def yuan(fen: int) -> str:
    """1990 → `19.90`, without floating point."""
    return f"{fen // 100}.{fen % 100:02d}"
