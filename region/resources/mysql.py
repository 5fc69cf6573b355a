"""To come."""

RESOURCES = ()
