"""LanceDB without a framework: one table, vectors and a full-text index, hybrid search.

default
  - `create_index("text", config=FTS())` and `search(query_type="hybrid")`, reranked by
    its default, reciprocal ranks (docs.lancedb.com/search/hybrid-search). The index stems English
    and drops its stop words.
  - It has no splitter: 800 characters with an overlap of 100, cut at line and sentence ends.
adapted (Chinese only)
  - `base_tokenizer="icu"`, which knows Chinese words, without English stems and stop words
    (documentation of `lancedb.index.FTS`). Its jieba tokenizer needs a download.
"""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.peers import embedding
from bench.peers.job import Ask, Job, Place, Search, serve

SIZE, OVERLAP = 800, 100


def variants(language: str) -> tuple[str, ...]:
    """The ways in which it is run on a set of this language."""
    return ("default", "adapted") if language == "zh" else ("default",)


def build(texts: Mapping[str, str], job: Job) -> Search:
    """A table on disk, in a folder that goes with the process."""
    import lancedb
    from lancedb.index import FTS
    from lancedb.query import MatchQuery

    folder = tempfile.TemporaryDirectory()
    rows = [
        {"file": file, "start": start, "end": end, "text": text[start:end]}
        for file, text in texts.items()
        for start, end in pieces(text)
    ]
    for row, vector in zip(rows, embedding.passages([str(row["text"]) for row in rows]), strict=True):
        row["vector"] = vector
    table = lancedb.connect(Path(folder.name)).create_table("chunks", rows)
    adapted: dict[str, Any] = {"base_tokenizer": "icu", "stem": False, "remove_stop_words": False}
    table.create_index("text", config=FTS(**(adapted if job.variant == "adapted" else {})))

    def search(ask: Ask, folder: object = folder) -> list[Place]:
        words = MatchQuery(ask.text, "text")  # a string in quotation marks would be a phrase
        query = table.search(query_type="hybrid").vector(embedding.query(ask.text)).text(words)
        return [(row["file"], row["start"], row["end"]) for row in query.limit(job.limit).to_list()]

    return search


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of at most `SIZE` characters; each begins `OVERLAP` before the end of the last."""
    start = 0
    while start < len(text):
        end = min(len(text), start + SIZE)
        if end < len(text):
            end = _last_end(text, start + SIZE // 2, end)
        if text[start:end].strip():
            yield start, end
        if end == len(text):
            return
        start = end - OVERLAP


def _last_end(text: str, start: int, end: int) -> int:
    cut = max(text.rfind(mark, start, end) for mark in ("\n", ". ", "。"))
    return end if cut < 0 else cut + 1


if __name__ == "__main__":
    serve(build)
