"""The environment's registry of releases: where a deploy puts an image, and where the hosts pull it from by its digest.

`access` gets in, `publishing` pushes, `retention` decides what may go, `pruning` removes that.
"""

from shopctl.registry.access import opened, reference
from shopctl.registry.publishing import publish

__all__ = ["opened", "publish", "reference"]
