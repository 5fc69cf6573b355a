"""The index: tantivy in this process's memory.

Texts are cut by `search.words` and handed over joined by blanks. 20,000 products take about 20 MB; the writer's buffer
is the least that tantivy allows, and it exists only while something is written.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import tantivy
from tantivy import FieldType, Occur, Order, Query

from catalog.searchable import Searchable
from search import words

_HEAP = 15_000_000
_ID_BITS = 32
_RUNS = 8
_UNSIGNED = FieldType.Unsigned


@dataclass(frozen=True)
class Wanted:
    """What is searched for: empty `text` means everything."""

    text: str = ""
    category: int | None = None
    min_price_fen: int | None = None
    max_price_fen: int | None = None
    in_stock: bool = False
    sort: str = "relevance"
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True)
class Found:
    """Ids of products in order, and how many there are on all pages."""

    ids: tuple[int, ...]
    total: int


# The second number of each pair: whether the greatest comes first.
_SORTS = {
    "price": ("by_price", Order.Asc),
    "-price": ("by_price", Order.Desc),
    "sales": ("by_sales", Order.Desc),
    "newest": ("id", Order.Desc),
}


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("name_words", "words", "letters"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in ("name_pairs", "pairs"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    builder.add_unsigned_field("category", indexed=True)
    builder.add_boolean_field("in_stock", indexed=True)
    builder.add_unsigned_field("price", fast=True, indexed=True)
    builder.add_unsigned_field("id", fast=True, indexed=True)
    # With the id in the low bits, so that equal prices have the same order on every page and in every process.
    builder.add_unsigned_field("by_price", fast=True)
    builder.add_unsigned_field("by_sales", fast=True)
    builder.add_float_field("weight", fast=True)
    return builder.build()


class Index:
    """One index; safe for many readers and one writer."""

    def __init__(self) -> None:
        self._schema = _schema()
        self._index = tantivy.Index(self._schema)
        self._index.config_reader(reload_policy="manual")

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def write(self, entries: Iterable[Searchable], *, gone: Iterable[int] = ()) -> None:
        """Put in these products in the place of what was known of them, and take out those that are gone."""
        writer = self._index.writer(heap_size=_HEAP, num_threads=1)
        for number in gone:
            writer.delete_documents_by_query(self._one(number))
        for entry in entries:
            writer.delete_documents_by_query(self._one(entry.id))
            writer.add_document(_document(entry))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def search(self, wanted: Wanted) -> Found:
        """The products that have all of the words; when none has, those that have one."""
        found = self._run(wanted, self._text(wanted.text, Occur.Must))
        if found.total == 0 and len(words.plain_words(words.normal(wanted.text))) > 1:
            return self._run(wanted, self._text(wanted.text, Occur.Should))
        return found

    def _run(self, wanted: Wanted, text: Query) -> Found:
        searcher = self._index.searcher()
        query = Query.boolean_query(
            [(Occur.Must, text), *((Occur.Must, one) for one in self._filters(wanted))]
        )
        order: dict[str, object] = {}
        if wanted.sort in _SORTS:
            field, direction = _SORTS[wanted.sort]
            order = {"order_by_field": field, "order": direction}
        elif wanted.text:
            # Among equally good names what sells stands first.
            order = {"weight_by_field": "weight"}
        else:
            order = {"order_by_field": "by_sales", "order": Order.Desc}
        result = searcher.search(query, limit=wanted.limit, offset=wanted.offset, count=True, **order)
        addresses = [address for _, address in result.hits]
        return Found(tuple(searcher.fast_field_values("id", addresses)), int(result.count))

    def _one(self, number: int) -> Query:
        return Query.term_query(self._schema, "id", number)

    def _filters(self, wanted: Wanted) -> Sequence[Query]:
        filters = []
        if wanted.category is not None:
            filters.append(Query.term_query(self._schema, "category", wanted.category))
        if wanted.in_stock:
            filters.append(Query.term_query(self._schema, "in_stock", True))
        if wanted.min_price_fen is not None or wanted.max_price_fen is not None:
            low, high = wanted.min_price_fen, wanted.max_price_fen
            filters.append(Query.range_query(self._schema, "price", _UNSIGNED, low, high))
        return [Query.const_score_query(one, 0.0) for one in filters]

    def _text(self, text: str, every: Occur) -> Query:
        runs = words.runs(words.normal(text))[:_RUNS]
        if not runs:
            return Query.empty_query() if text.strip() else Query.all_query()
        return Query.boolean_query([(every, self._run_of(run, every)) for run in runs])

    def _run_of(self, run: str, every: Occur) -> Query:
        """A stretch of what was typed: all of its words, or itself as a part of a longer text."""
        cut = words.plain_words(run)
        if len(cut) == 1:
            return self._word(cut[0])
        apart = Query.boolean_query([(every, self._word(word)) for word in cut])
        return Query.boolean_query([(Occur.Should, apart), *self._parts(run)])

    def _word(self, word: str) -> Query:
        ways = [
            (Occur.Should, Query.boost_query(Query.term_query(self._schema, "name_words", word), 4.0)),
            (Occur.Should, Query.term_query(self._schema, "words", word)),
        ]
        return Query.boolean_query([*ways, *self._parts(word)])

    def _parts(self, part: str) -> list[tuple[Occur, Query]]:
        pairs = words.pairs(part)
        fields = (("name_pairs", 1.0), ("pairs", 0.25)) if pairs else (("letters", 0.5),)
        terms = pairs or [part]
        return [(Occur.Should, Query.boost_query(self._part(field, terms), boost)) for field, boost in fields]

    def _part(self, field: str, terms: list[str]) -> Query:
        if len(terms) == 1:
            return Query.term_query(self._schema, field, terms[0])
        return Query.phrase_query(self._schema, field, terms)


def weight(sold: int) -> float:
    """tantivy multiplies a score by log2(2 + weight): this makes it 1 for nothing sold, and 1.5 for a thousand."""
    return float(2 ** (1 + 0.05 * math.log2(1 + sold)) - 2)


def _pairs(text: str) -> str:
    # A run's end and the next one's beginning are no pair: a mark keeps phrases from reaching across.
    return " _ ".join(" ".join(words.pairs(run)) for run in words.runs(text))


def _document(entry: Searchable) -> tantivy.Document:
    name, text = words.normal(entry.name), words.normal(f"{entry.name} {entry.text}")
    document = tantivy.Document(
        name_words=" ".join(words.words(name)),
        words=" ".join(words.words(text)),
        letters=" ".join(dict.fromkeys("".join(words.runs(name)))),
        name_pairs=_pairs(name),
        pairs=_pairs(text),
    )
    for category in entry.categories:
        document.add_unsigned("category", category)
    document.add_boolean("in_stock", entry.in_stock)
    document.add_unsigned("price", entry.price_fen)
    document.add_unsigned("id", entry.id)
    document.add_unsigned("by_price", entry.price_fen << _ID_BITS | entry.id)
    document.add_unsigned("by_sales", entry.sold << _ID_BITS | entry.id)
    document.add_float("weight", weight(entry.sold))
    return document
