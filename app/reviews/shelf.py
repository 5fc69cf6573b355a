"""The reviews of a product that everybody sees: which, in which order, and their average. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rating:
    """What a product's reviews say in two numbers; an average of 0 means that there are none."""

    count: int = 0
    total: int = 0

    @property
    def average(self) -> float:
        """From 1 to 5, with one digit after the point."""
        return round(self.total / self.count, 1) if self.count else 0.0


@dataclass(frozen=True)
class Shelf:
    """Reviews' ids with their ratings, in the order in which they were published."""

    entries: tuple[tuple[str, int], ...] = ()

    @property
    def rating(self) -> Rating:
        """Count and sum."""
        return Rating(len(self.entries), sum(rating for _, rating in self.entries))

    def put(self, review_id: str, rating: int) -> "Shelf":
        """The shelf with a review; the same when it is there."""
        if any(known == review_id for known, _ in self.entries):
            return self
        return Shelf((*self.entries, (review_id, rating)))

    def take(self, review_id: str) -> "Shelf":
        """The shelf without a review."""
        return Shelf(tuple(entry for entry in self.entries if entry[0] != review_id))

    def page(self, number: int, size: int) -> list[str]:
        """The ids of a page, the newest first."""
        ids = [review_id for review_id, _ in reversed(self.entries)]
        return ids[(number - 1) * size : number * size]
