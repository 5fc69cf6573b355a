"""How things of a region are called on the machine, so that they can be found again by name alone."""

import hashlib

PREFIX = "shopctl"


def namespace(region: str, thing: str) -> str:
    """The network namespace of a host or router."""
    return f"{PREFIX}-{region}-{thing}"


def machine(region: str, host_id: str) -> str:
    """What systemd-nspawn calls a host; its command line shows it."""
    return f"{PREFIX}-{region}-{host_id}"


def uplink(region: str) -> str:
    """The machine's interface into the region."""
    return f"sc-{region}"


def resource_id(prefix: str, urn: str, generation: int) -> str:
    """An id in the cloud's form (`ins-3f9a0c21`), the same for the same resource and generation.

    A creation that was killed half-way is thereby found again by the next one, instead of being orphaned.
    """
    digest = hashlib.sha256(f"{urn}#{generation}".encode()).hexdigest()
    return f"{prefix}-{digest[:8]}"
