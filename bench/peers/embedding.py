"""wordllama as a user of a framework has it: its own package, the files of its wheel, no download."""

from functools import cache
from pathlib import Path
from typing import Any

DIMENSIONS = 256


def passages(texts: list[str]) -> list[list[float]]:
    """One unit vector a text; zeros for a text without tokens."""
    import numpy as np

    with np.errstate(invalid="ignore"):
        rows = _model().embed(texts, norm=True)
    found: list[list[float]] = np.nan_to_num(rows).tolist()
    return found


def query(text: str) -> list[float]:
    """One unit vector."""
    return passages([text])[0]


@cache
def _model() -> Any:
    import wordllama

    folder = Path(wordllama.__file__).parent
    return wordllama.WordLlama.load(dim=DIMENSIONS, cache_dir=folder, disable_download=True)
