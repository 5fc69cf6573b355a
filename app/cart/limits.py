"""How much fits into a cart and an order."""

MAX_QUANTITY = 99
MAX_LINES = 50
