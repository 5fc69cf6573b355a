"""Commands parse and print; the operation of the same noun does the work."""
