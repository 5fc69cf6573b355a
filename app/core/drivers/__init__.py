"""The only places where the shop opens connections of its own (MySQL's are Django's)."""
