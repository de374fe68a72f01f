"""Plain BM25, the floor that every figure stands beside."""

import math
import re
from collections import Counter, defaultdict

from rag.evaluate.types import Place


class PlainBM25:
    """English words and Chinese pairs, pieces of one size, k1 1.2 and b .75, nothing else."""

    def __init__(self, texts: dict[str, str], size: int, collection: str) -> None:
        self._places = [
            Place(file, start, end, collection)
            for file, text in texts.items()
            for start, end in _pieces(text, size)
        ]
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths = []
        for i, place in enumerate(self._places):
            counts = Counter(_tokens(f"{place.source} {texts[place.source][place.start : place.end]}"))
            lengths.append(sum(counts.values()))
            for token, count in counts.items():
                self._postings[token].append((i, count))
        average = sum(lengths) / len(lengths)
        self._norms = [1.2 * (0.25 + 0.75 * length / average) for length in lengths]

    def search(self, question: str, limit: int = 20) -> list[Place]:
        """The best pieces."""
        scores: dict[int, float] = defaultdict(float)
        total = len(self._places)
        for token in set(_tokens(question)):
            found = self._postings.get(token, [])
            idf = math.log(1 + (total - len(found) + 0.5) / (len(found) + 0.5))
            for i, count in found:
                scores[i] += idf * count * 2.2 / (count + self._norms[i])
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]
        return [self._places[i] for i, _ in best]


def _tokens(text: str) -> list[str]:
    text = text.lower()
    found = re.findall(r"[a-z0-9_]+", text)
    for run in re.findall(r"[\u3400-\u9fff]+", text):
        found += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
    return found


def _pieces(text: str, size: int) -> list[tuple[int, int]]:
    found, start = [], 0
    while start < len(text):
        end = min(len(text), start + size)
        if end < len(text):
            ends = (text.rfind(mark, start + size // 2, end) for mark in ("\n", ". ", "。"))
            if (cut := max(ends)) > 0:
                end = cut + 1
        found.append((start, end))
        start = end
    return found
