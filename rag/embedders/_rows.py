"""Rows of vectors as the protocol has them: unit length, nought for a text that says nothing."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]


def unit(rows: NDArray[Any]) -> Rows:
    """The rows at unit length; rows of noughts stay what they are."""
    rows = np.asarray(rows, np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    out: Rows = np.zeros_like(rows)
    np.divide(rows, lengths, out=out, where=lengths > 0)
    return out


def without_blank(texts: Sequence[str], dimensions: int, embed: Callable[[list[str]], NDArray[Any]]) -> Rows:
    """A unit row a text, in order. Blank texts are not given to `embed`: many models refuse them."""
    said = [place for place, text in enumerate(texts) if text.strip()]
    rows = np.zeros((len(texts), dimensions), np.float32)
    if said:
        rows[said] = unit(embed([texts[place] for place in said]))
    return rows
