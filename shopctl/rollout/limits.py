"""What a new version may cost before it is taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.settings import RolloutSettings


@dataclass(frozen=True)
class Limits:
    """An environment's settings (`rollout` in infra/Pulumi.<env>.yaml) replace any of these.

    `watch_seconds`: how long a host is looked at after it has begun to serve the new version. Nginx writes its log a
    second late, so less than 3 s see nothing.
    `before_seconds`: how far back the former version's traffic counts as what is usual.
    `min_requests`: fewer say nothing about an error rate or a p95; then the warm-up's count.

    `max_error_rate`: the share of answers of 5xx that is too much, unless the former version had as many.
    `max_error_growth`: so many times what the former version had is too much as well.

    `max_p95_growth` and `max_p95_rise_ms`: a group's p95 is too long when it is longer by both: so many times what it
    was, and so many milliseconds more. A factor alone would stop a group that needs 9 ms in place of 4, a difference
    alone would let one pass that answers at once and now does not.
    `max_p95_ms`: where there is nothing to compare with.

    `max_memory_growth_mb`: how much a group's processes may grow during the watch; those that have just begun fill
    their caches, those that leak do not stop. What they may have at most comes with the version.

    `shoppers`: how many synthetic ones shop meanwhile, where the environment has a sandbox; 0 for none.
    """

    watch_seconds: float = 8.0
    before_seconds: float = 300.0
    min_requests: int = 20
    max_error_rate: float = 0.01
    max_error_growth: float = 2.0
    max_p95_growth: float = 2.0
    max_p95_rise_ms: float = 200.0
    max_p95_ms: float = 2000.0
    max_memory_growth_mb: float = 100.0
    shoppers: int = 2

    @classmethod
    def of(cls, settings: RolloutSettings) -> Limits:
        """The defaults, and what the environment says otherwise."""
        return replace(cls(), **settings.model_dump(exclude_none=True))
