"""wordllama: the mean of 256-d token vectors. Model and tokenizer lie in its wheel; nothing is fetched.

No token of this vocabulary reaches across a blank, and ideographs stand alone in it. So the tokens
of a word do not depend on its neighbours: a word is tokenised once, its summed vector is kept, and a
text is the sum of its words. This equals wordllama's own result (white space counts as one blank)
and is several times faster than tokenising whole texts.
"""

import re
from collections.abc import Iterator, Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from rag.embedders._llama_tokens import DIMENSIONS, summed
from rag.settings import Settings

MAX_CHARACTERS = 8_000  # of a text; about 2,000 tokens of English
MAX_WORD = 64  # longer ones are cut, so that a file of one endless word costs no more than others
MAX_WORDS = 32_768  # kept words; more, and all are forgotten: 1 KB each
BATCH = 32
_WIDE = re.compile("[\u2e80-\ufffc\U00010000-\U0010ffff]+")
_UNBLANK = "\n"  # begins a word that follows no blank; no word holds white space

Rows = NDArray[np.int32]
_NO_ROWS: Rows = np.empty(0, np.int32)


class WordLlama:
    """Safe to share between threads."""

    id = "wordllama-256-mean-1"
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self._lock = Lock()
        self._words: dict[str, int] = {}
        self._wide = np.zeros(0x110000, np.int32)  # code point to row, 0 where not met yet
        # Pages of it are taken from the machine only as rows are filled.
        rows = 1 + MAX_WORDS + BATCH * MAX_CHARACTERS
        self._sums = np.empty((rows, DIMENSIONS), np.float32)

    def passages(self, texts: Sequence[str]) -> NDArray[np.float16]:
        """One row a text, unit length (zero for a text without known tokens)."""
        out = np.zeros((len(texts), DIMENSIONS), np.float16)
        for start in range(0, len(texts), BATCH):
            with self._lock:
                out[start : start + BATCH] = self._pool(texts[start : start + BATCH])
        return out

    def query(self, text: str) -> NDArray[np.float32]:
        """One unit vector."""
        with self._lock:
            vector: NDArray[np.float32] = self._pool([text])[0]
        return vector

    def words(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], list[list[str]]]:
        """A row for every word of every text, one after another, and the words of each text."""
        rows: list[NDArray[np.float32]] = [np.zeros((0, DIMENSIONS), np.float32)]
        names: list[list[str]] = []
        for start in range(0, len(texts), BATCH):
            split = [_split(text[:MAX_CHARACTERS]) for text in texts[start : start + BATCH]]
            with self._lock:
                self._learn(split)
                rows.append(self._sums.take(np.concatenate([self._rows(*one) for one in split]), axis=0))
            names += [[*words, *map(chr, wide.tolist())] for words, wide in split]
        return np.concatenate(rows), names

    def _pool(self, texts: Sequence[str]) -> NDArray[np.float32]:
        split = [_split(text[:MAX_CHARACTERS]) for text in texts]
        self._learn(split)
        sums = np.zeros((len(texts), DIMENSIONS), np.float32)
        for row, (words, wide) in zip(sums, split, strict=True):
            self._sums.take(self._rows(words, wide), axis=0).sum(axis=0, out=row)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        np.divide(sums, lengths, out=sums, where=lengths > 0)
        return sums

    def _rows(self, words: Sequence[str], wide: Rows) -> Rows:
        """Where the vectors of a text's words stand."""
        found = np.fromiter(map(self._words.__getitem__, words), np.int32, len(words))
        return np.concatenate([found, self._wide.take(wide)]) if wide.size else found

    def _learn(self, split: Sequence[tuple[list[str], Rows]]) -> None:
        """Give a row to every word and ideograph that was not met before."""
        if len(self._words) > MAX_WORDS:
            self._words.clear()
            self._wide[:] = 0
        new = set().union(*(words for words, _ in split)).difference(self._words)
        codes = np.unique(np.concatenate([_NO_ROWS, *(wide for _, wide in split if wide.size)]))
        codes = codes[self._wide.take(codes) == 0]
        keys = [*sorted(new), *(_UNBLANK + chr(code) for code in codes)]
        if not keys:
            return
        first = 1 + len(self._words)
        self._sums[first : first + len(keys)] = summed(keys)
        self._words.update(zip(keys, range(first, first + len(keys)), strict=True))
        self._wide[codes] = np.arange(first + len(new), first + len(keys))


def connect(name: str, settings: Settings) -> WordLlama:
    """The embedder; its files are read when the first new word turns up."""
    return WordLlama()


def _split(text: str) -> tuple[list[str], Rows]:
    """Words, and the code points that stand alone."""
    words, wide = (text.split(), "") if text.isascii() else _apart(text)
    if max(map(len, words), default=0) > MAX_WORD:
        words = [part for word in words for part in _cut(word)]
    return words, np.frombuffer(wide.encode("utf-32-le"), np.int32) if wide else _NO_ROWS


def _apart(text: str) -> tuple[list[str], str]:
    """Words, and the characters between them that stand alone.

    Such a character after a blank leaves that blank behind, as a word without letters: it is a token.
    """
    line = " ".join(text.replace("▁", " ").split())
    wide = "".join(_WIDE.findall(line))
    if not wide:
        return line.split(), ""
    words = _WIDE.sub(" " + _UNBLANK, line).split(" ")
    return [word for word in words if word != _UNBLANK], wide


def _cut(word: str) -> Iterator[str]:
    """A word in pieces of at most `MAX_WORD` characters; only the first may follow a blank."""
    if not word.startswith(_UNBLANK):
        yield word[:MAX_WORD]
        word = _UNBLANK + word[MAX_WORD:]
    yield from (_UNBLANK + word[i : i + MAX_WORD] for i in range(1, len(word), MAX_WORD))
