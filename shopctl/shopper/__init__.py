"""Synthetic shoppers: journeys through the shop's public address, a ledger of what it acknowledged, and the checker."""
