"""Keeps this process's index like the catalogue.

Broadcasts (`catalog.changed`) name what to read again. As one can be lost, every `CHECK_SECONDS` the number of products
on sale and the latest `updated_at` are compared with what the index was made of: what was saved since is read again,
and when the numbers still differ (something was deleted unsaid), or a category is another, the index is made anew. So a
product is found at once after a change, and after at most `CHECK_SECONDS` when its broadcast was lost.
"""

import logging
import threading
import time
from collections.abc import Iterable
from datetime import timedelta

from catalog import searchable
from catalog.searchable import Searchable, State
from search import popular
from search.index import Index
from search.suggestions import Term, terms, vocabulary

log = logging.getLogger("shop.search")
CHECK_SECONDS = 15.0
# A transaction may commit after others that began, and set their `updated_at`, later.
_OVERLAP = timedelta(seconds=30)


class Keeper:
    """The index of a process. Where nobody calls `check` in the background, requests do it themselves."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._index: Index | None = None
        self._state = State(0, None, ())
        self._names: dict[int, str] = {}
        self._categories: list[str] = []
        self._vocabulary: dict[str, Term] | None = None
        self._terms: tuple[Term, ...] = ()
        self._checked = 0.0
        self.in_background = False

    def index(self) -> Index:
        """The index, made first when there is none: whoever comes meanwhile waits for it."""
        index = self._index
        if index is None:
            with self._lock:
                return self._index or self._rebuild()
        # A thread that died must not leave the index as it was for ever.
        patience = CHECK_SECONDS * (4 if self.in_background else 1)
        if time.monotonic() - self._checked > patience:
            self.check()
        return self._index or index

    def terms(self) -> tuple[Term, ...]:
        """What suggestions are made from."""
        self.index()
        return self._terms

    def check(self) -> None:
        """Find and mend whatever differs from the database."""
        with self._lock:
            self._checked = time.monotonic()
            if self._index is None:
                self._rebuild()
                return
            now = searchable.state()
            if now != self._state:
                self._catch_up(now)
                self._state = now
            self._collect_terms()

    def refresh(self, product_ids: Iterable[int]) -> None:
        """Read these products again."""
        with self._lock:
            if self._index is not None:
                self._put(list(product_ids))

    def forget(self) -> None:
        """Have no index, as when the process began."""
        with self._lock:
            self._index = None

    def _rebuild(self) -> Index:
        started = time.monotonic()
        state, index = searchable.state(), Index()
        names: dict[int, str] = {}

        def batches() -> Iterable[Searchable]:
            for batch in searchable.everything():
                names.update((entry.id, entry.name) for entry in batch)
                yield from batch

        index.write(batches())
        self._state, self._names, self._index, self._vocabulary = state, names, index, None
        self._checked = time.monotonic()
        self._collect_terms()
        log.info("indexed %d products in %.2f s", len(index), time.monotonic() - started)
        return index

    def _catch_up(self, now: State) -> None:
        since = self._state.updated_at
        changed = searchable.changed_since(since - _OVERLAP) if since else []
        if len(changed) < searchable.BATCH and now.shelves == self._state.shelves:
            self._put(changed)
            if len(self._index or ()) == now.listed:
                return
        self._rebuild()

    def _put(self, numbers: list[int]) -> None:
        assert self._index is not None
        entries = searchable.some(numbers)
        gone = set(numbers) - {entry.id for entry in entries}
        self._index.write(entries, gone=gone)
        for number in gone:
            if self._names.pop(number, None) is not None:
                self._vocabulary = None
        for entry in entries:
            if self._names.get(entry.id) != entry.name:
                self._names[entry.id], self._vocabulary = entry.name, None

    def _collect_terms(self) -> None:
        categories = searchable.category_names()
        # Made anew only when there are other names: it keeps the process's other threads from working.
        if self._vocabulary is None or categories != self._categories:
            self._vocabulary = vocabulary(names=self._names.values(), categories=categories)
            self._categories = categories
        self._terms = terms(self._vocabulary, popular=popular.most())


keeper = Keeper()
