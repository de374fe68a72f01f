"""Keyword search of one generation: a tantivy index of hashed terms.

Only integer and raw fields: deleting by an unsigned field silently deletes nothing in tantivy-py.
A sentinel document, written in the same commit as the entries, says which change they belong to
and how many rows of the vector files are valid, so that one commit is the only moment of change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

import numpy as np
import tantivy
from numpy.typing import NDArray
from tantivy import FieldType, Occur

from rag.errors import Damaged
from rag.features import searchable, term_id
from rag.filters import All, Any, Eq, Filter, In, Not, Range
from rag.stores import Entry, Query, Scored

_SENTINEL = -1
_HEAP = 32_000_000  # bytes; one indexing thread, two were no faster on two cores
_EVERYTHING = 1 << 30


@dataclass(frozen=True, slots=True)
class Mark:
    """What the sentinel says: number of the last change, valid rows of the vector files."""

    seq: int
    rows: int


class Lexical:
    """An open index; searches see the last `reload`."""

    def __init__(self, folder: Path) -> None:
        self._schema = _schema()
        try:
            self._index = tantivy.Index.open(str(folder))
        except ValueError as error:
            raise Damaged(f"the keyword index does not open: {error}", hint="kb doctor --fix") from error
        _register(self._index)
        self._index.config_reader("manual")
        self.reload()

    @classmethod
    def create(cls, folder: Path) -> None:
        """An empty index with change 0."""
        folder.mkdir(parents=True)
        index = tantivy.Index(_schema(), str(folder))
        _register(index)
        writer = index.writer(_HEAP, 1)
        writer.add_document(_sentinel(Mark(0, 0)))
        writer.commit()
        writer.wait_merging_threads()

    def reload(self) -> None:
        """See what has been committed, by this process or another."""
        self._index.reload()
        self._searcher = self._index.searcher()
        self.mark = self._read_mark()

    def commit(self, add: Iterable[Entry], remove: Sequence[int], mark: Mark) -> None:
        """Remove by chunk id, add, and move the sentinel, in one commit. What is replaced is in both."""
        try:
            writer = self._index.writer(_HEAP, 1)
        except ValueError as error:
            raise Damaged(f"the keyword index cannot be written: {error}", hint="kb doctor") from error
        for chunk in remove:
            writer.delete_documents_by_term("chunk", chunk)
        for entry in add:
            writer.add_document(_document(entry))
        writer.delete_documents_by_term("chunk", _SENTINEL)
        writer.add_document(_sentinel(mark))
        writer.commit()
        writer.wait_merging_threads()
        self.reload()

    def search(self, query: Query) -> tuple[Scored, ...]:
        """Best entries by BM25 over all fields together (k1 1.2, b .75, fixed in tantivy)."""
        if not query.terms:
            return ()
        words = {str(term_id(term)) for term in query.terms}
        parts = [(Occur.Should, self._term("terms", word)) for word in sorted(words)]
        wanted = tantivy.Query.boolean_query(parts)
        if query.filter is not None:
            allowed = tantivy.Query.const_score_query(self._compile(query.filter), 0.0)
            wanted = tantivy.Query.boolean_query([(Occur.Must, wanted), (Occur.Must, allowed)])
        found = self._searcher.search(wanted, query.limit, count=False).hits
        chunks = self._values("chunk", [address for _, address in found])
        scored = [Scored(c, score) for c, (score, _) in zip(chunks, found, strict=True)]
        return tuple(sorted(scored, key=lambda s: (-s.score, s.chunk)))

    def matching(self, condition: Filter | None) -> NDArray[np.int64]:
        """Chunk ids of all entries that the filter lets through."""
        wanted = self._compile(condition) if condition else tantivy.Query.all_query()
        no_sentinel = (Occur.MustNot, self._term("chunk", _SENTINEL))
        wanted = tantivy.Query.boolean_query([(Occur.Must, wanted), no_sentinel])
        limit = max(1, self._searcher.num_docs)
        found = self._searcher.search(wanted, limit, count=False).hits
        return np.array(self._values("chunk", [address for _, address in found]), dtype=np.int64)

    def count(self) -> int:
        """Entries, without the sentinel."""
        return max(0, self._searcher.num_docs - 1)

    def _read_mark(self) -> Mark:
        found = self._searcher.search(self._term("chunk", _SENTINEL), 1, count=False).hits
        if not found:
            raise Damaged("the keyword index has lost its sentinel", hint="kb doctor --fix")
        addresses = [found[0][1]]
        return Mark(self._values("seq", addresses)[0], self._values("rows", addresses)[0])

    def _values(self, field: str, addresses: list[tantivy.DocAddress]) -> list[int]:
        found: list[int] = self._searcher.fast_field_values(field, addresses)  # type: ignore[assignment]  # integer fields
        return found

    def _term(self, field: str, value: str | int) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value, "freq")

    def _compile(self, condition: Filter) -> tantivy.Query:
        match condition:
            case Eq(field, value):
                return self._equal(field, value)
            case In(field, values):
                return _either([self._equal(field, value) for value in values])
            case Range(field, low, high):
                low, high = low if low is not None else -(1 << 62), high if high is not None else 1 << 62
                return tantivy.Query.range_query(
                    self._schema, field, FieldType.Integer, low, high, True, False
                )
            case All(parts):
                every = [(Occur.Must, tantivy.Query.all_query())]
                every += [(Occur.Must, self._compile(part)) for part in parts]
                return tantivy.Query.boolean_query(every)
            case Any(parts):
                return _either([self._compile(part) for part in parts])
            case Not(part):
                every = [(Occur.Must, tantivy.Query.all_query())]
                return tantivy.Query.boolean_query([*every, (Occur.MustNot, self._compile(part))])
            case _:
                assert_never(condition)

    def _equal(self, field: str, value: str | int) -> tantivy.Query:
        is_number = field == "updated"
        if is_number != isinstance(value, int):
            return tantivy.Query.empty_query()  # a value of the other type equals nothing
        return self._term(field, value)


def _either(parts: list[tantivy.Query]) -> tantivy.Query:
    if not parts:
        return tantivy.Query.empty_query()
    return tantivy.Query.boolean_query([(Occur.Should, part) for part in parts])


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("chunk", "seq", "rows", "updated"):
        builder.add_integer_field(name, stored=False, indexed=True, fast=True)
    builder.add_text_field("terms", stored=False, tokenizer_name="ws", index_option="freq")
    for name in ("collection", "document", "language", "groups"):
        builder.add_text_field(name, stored=False, tokenizer_name="raw", index_option="basic")
    return builder.build()


def _register(index: tantivy.Index) -> None:
    """A tokenizer is not stored with the index: register it after every open."""
    spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("ws", spaces)


def _document(entry: Entry) -> tantivy.Document:
    document = tantivy.Document()
    document.add_integer("chunk", entry.chunk)
    document.add_integer("updated", entry.facts.updated)
    terms = tuple(searchable(entry.features).tolist())
    document.add_text("terms", "%d " * len(terms) % terms)  # a third faster than joining
    document.add_text("collection", entry.facts.collection)
    document.add_text("document", entry.facts.document)
    document.add_text("language", entry.facts.language)
    for group in entry.facts.groups:
        document.add_text("groups", group)
    return document


def _sentinel(mark: Mark) -> tantivy.Document:
    document = tantivy.Document()
    document.add_integer("chunk", _SENTINEL)
    document.add_integer("seq", mark.seq)
    document.add_integer("rows", mark.rows)
    return document
