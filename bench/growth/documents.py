"""Documents by the thousand: words drawn as often as in real text, and shared documents in changed copies.

Half of them English, half Chinese. A copy has an edition of its own and one word exchanged in every
second paragraph, as the versions of a document in a company have.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path

from bench import shared

SEED = 20261121
SETS = {"en": "handbook_en", "zh": "docs_zh"}
BYTES = 12_000  # of a made document, about
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]+")


class Words:
    """Words of a language with how often they stand in the shared documents: a Zipf curve of its own."""

    def __init__(self, language: str, texts: Sequence[str]) -> None:
        counts = Counter(word for text in texts for word in _words(language, text))
        self._words = [word for word, _ in counts.most_common()]
        self._sums = list(accumulate(count for _, count in counts.most_common()))
        self._between, self._end = (" ", ". ") if language == "en" else ("", "。")

    def draw(self, dice: random.Random, number: int) -> list[str]:
        """So many words, common ones oftener."""
        return dice.choices(self._words, cum_weights=self._sums, k=number)

    def line(self, dice: random.Random, low: int, high: int) -> str:
        """A heading or a cell."""
        return self._between.join(self.draw(dice, dice.randint(low, high)))

    def paragraph(self, dice: random.Random) -> str:
        """A few sentences."""
        return "".join(self.line(dice, 6, 24) + self._end for _ in range(dice.randint(2, 7))).strip()


def make(folder: Path, count: int, shelf: int | None = None) -> int:
    """Write `count` Markdown files; returns their bytes. The same count gives the same files.

    `shelf` is of how many shared documents of each language words and copies are taken; None: of all.
    """
    dice = random.Random(SEED)
    writers = [writer for language in SETS for writer in _writers(language, shelf)]
    total = 0
    for number in range(count):
        data = writers[number % len(writers)](dice, number).encode()
        path = folder / f"{number // 500:02}" / f"{number:05}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        total += len(data)
    return total


def _writers(language: str, shelf: int | None) -> list[Callable[[random.Random, int], str]]:
    texts = [text for text in shared.texts(SETS[language]).values() if len(text) > 500][:shelf]
    words = Words(language, texts)
    return [
        lambda dice, number: _made(dice, words, number),
        lambda dice, number: _copy(dice, words, dice.choice(texts), number),
    ]


def _made(dice: random.Random, words: Words, number: int) -> str:
    parts = [f"# {words.line(dice, 2, 6)} {number}"]
    size = 0
    while size < BYTES:
        kind = dice.random()
        if kind < 0.15:
            part = f"## {words.line(dice, 2, 7)}"
        elif kind < 0.25:
            part = "\n".join(f"- {words.line(dice, 4, 12)}" for _ in range(dice.randint(3, 7)))
        elif kind < 0.3:
            part = _table(dice, words)
        else:
            part = words.paragraph(dice)
        parts.append(part)
        size += len(part.encode())
    return "\n\n".join(parts) + "\n"


def _table(dice: random.Random, words: Words) -> str:
    rows = [[words.line(dice, 1, 3) for _ in range(3)] for _ in range(dice.randint(4, 9))]
    rows.insert(1, ["---"] * 3)
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _copy(dice: random.Random, words: Words, text: str, number: int) -> str:
    parts = text.split("\n\n")
    for place in range(1, len(parts), 2):
        (new,) = words.draw(dice, 1)
        parts[place] = f"{parts[place].rstrip()} {new}"
    return f"Edition {number}\n\n" + "\n\n".join(parts)


def _words(language: str, text: str) -> list[str]:
    if language == "en":
        return _WORD.findall(text)
    import rjieba

    return [word for word in rjieba.cut(text) if word > "\u3400"]
