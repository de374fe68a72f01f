"""Every store ranks nearly as the store `memory` does."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.stores import Query, Store
from rag.stores.memory import MemoryStore
from rag.words import terms, without_question_words
from tests.contract.asking import ids, put
from tests.contract.entries import entry, random_vectors

pytestmark = pytest.mark.anyio


def questions(data: Path) -> list[dict[str, Any]]:
    lines = (data / "questions.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return [one for one in found if one["answerable"]][:100]


def passages(data: Path, wanted: list[dict[str, Any]], size: int) -> list[tuple[str, str]]:
    """Name and text of some hundred chunks of the documents that the questions are about."""
    names = sorted({gold["file"] for one in wanted for gold in one["gold"]})
    return [
        (name, text[at : at + size])
        for name in names[:60]
        for text in [(data / name).read_text("utf-8")]
        for at in range(0, len(text), size)
    ][:800]


@pytest.mark.parametrize(("name", "size"), [("handbook_en", 800), ("docs_zh", 500)])
async def test_keywords_rank_nearly_as_in_the_reference(
    store: Store, tenant: str, shared_data: Path, name: str, size: int
) -> None:
    asked = questions(shared_data / name)
    entries = [
        entry(n, text, source=path, document=path)
        for n, (path, text) in enumerate(passages(shared_data / name, asked, size))
    ]
    assert len(entries) > 150
    reference = MemoryStore()
    for target in (store, reference):
        await put(target, tenant, *entries)
    overlaps = []
    for one in asked:
        query = Query(tuple(terms(without_question_words(one["question"]))), limit=10)
        ours, theirs = await store.search(tenant, query), await reference.search(tenant, query)
        overlaps.append(len(set(ids(ours.words)) & set(ids(theirs.words))) / max(len(theirs.words), 1))
    assert np.mean(overlaps) >= 0.9


async def test_vectors_rank_nearly_as_in_the_reference(store: Store, tenant: str) -> None:
    vectors = random_vectors(3_000, seed=2, size=64)
    asked = random_vectors(50, seed=3, size=64).astype(np.float32)
    reference = MemoryStore()
    for target in (store, reference):
        for start in range(0, 3_000, 1_000):
            part = range(start, start + 1_000)
            await put(target, tenant, *(entry(n, vector=vectors[n]) for n in part), seq=start + 1)
    recalls = []
    for vector in asked:
        ours = await store.search(tenant, Query(vector=vector, limit=10))
        theirs = await reference.search(tenant, Query(vector=vector, limit=10))
        recalls.append(len(set(ids(ours.vectors)) & set(ids(theirs.vectors))) / 10)
    assert np.mean(recalls) >= 0.95
