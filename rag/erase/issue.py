"""Writing the receipt: what was asked for and found, in numbers and keyed hashes."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import zip_longest
from typing import Any

from rag.erase.decision import Erasure
from rag.erase.receipt import Body, Looked, Receipt, signed
from rag.erase.signing import Installation

_FIGURES = ("versions", "chunks", "answers")


def issue(
    tenant: str, erasure: Erasure, installation: Installation, looked: Sequence[Looked]
) -> tuple[Receipt, float]:
    """The signed receipt, and when it was signed."""
    now = time.time()
    left = tuple(dict.fromkeys(name for one in looked for name in one.left))
    counts = {name: int(erasure.note.get(name, 0)) for name in _FIGURES}
    text = signed(_body(tenant, erasure, looked, counts, now), installation)
    files = next(one.figures for one in looked if one.place == "files")
    receipt = Receipt(
        id=erasure.id,
        documents=erasure.documents,
        **counts,
        probes=files["probes"],
        files=files["files"],
        bytes=files["bytes"],
        left=left,
        text=text,
    )
    return receipt, now


def _body(
    tenant: str, erasure: Erasure, looked: Sequence[Looked], counts: dict[str, int], now: float
) -> Body:
    asked = dict(erasure.note.get("asked", {"kind": "ids", "hash": "", "by": ""}))
    return {
        "id": erasure.id,
        "tenant": tenant,
        "by": asked.pop("by"),
        "asked": asked,
        "decided": _iso(erasure.note.get("decided", now)),
        "finished": _iso(now),
        "kb": _version(),
        "documents": _documents(erasure),
        "counts": counts,
        "places": [{"place": one.place, **one.figures} for one in looked],
        "result": "left" if any(one.left for one in looked) else "clean",
    }


def _documents(erasure: Erasure) -> list[dict[str, Any]]:
    pairs = zip_longest(erasure.documents, erasure.note.get("sources", ()), fillvalue="")
    return [{"id": document, "source": source} for document, source in pairs]


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # slow to import

    try:
        return version("kb")
    except PackageNotFoundError:  # run from a folder without being installed
        return ""
