"""Measured work, each printing a ratio to a limit."""
