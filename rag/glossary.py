"""The words of a question in the other language, from a glossary of company life.

Chinese terms become English ones and the other way round, the longest term first. No model: what
the glossary does not hold is not translated. An owner's own terms are merged over it.
"""

import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from rag.catalog.sketch import Sketch
from rag.charset import decode
from rag.errors import BadInput, ConfigError, UnreadableFile
from rag.features import term_id
from rag.words import STOP_WORDS, is_cjk, runs, stem, terms, without_question_words

_VARIANTS = 2  # of a term that are searched
_LEAST_HELD = 0.5  # of the translated terms that must occur in the documents
_EXPECTED = "expected a Chinese term, a tab, and english; english variant"
Stems = tuple[str, ...]
Variants = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """What the other language says for a part of a question, likeliest first; itself where unknown."""

    variants: Variants
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Glossary:
    """`english` by Chinese term, `chinese` by the stems of an English one. Made by `of`."""

    english: Mapping[str, Variants]
    chinese: Mapping[Stems, Variants]
    longest_chinese: int
    longest_english: int

    @classmethod
    def of(cls, entries: Mapping[str, Variants]) -> "Glossary":
        """A glossary from English variants by Chinese term."""
        chinese = _turned(entries)
        return cls(entries, chinese, max(map(len, entries), default=0), max(map(len, chinese), default=0))

    def translate(self, text: str, sketch: Sketch | None = None, variants: int = _VARIANTS) -> str:
        """The question in the other language's words, to search by; '' where none is known.

        With a sketch only what its passages hold counts, and '' where they hold fewer than half.
        """
        found = self.terms(text)
        held = [_held(one.variants, sketch)[:variants] for one in found]
        translated = [bool(some) for some, one in zip(held, found, strict=True) if one.is_known]
        if not any(translated) or sum(translated) < _LEAST_HELD * len(translated):
            return ""
        searched = [some or one.variants[:1] for some, one in zip(held, found, strict=True)]
        return " ".join(dict.fromkeys(variant for some in searched for variant in some))

    def said(self, text: str, sketch: Sketch) -> tuple[str, float]:
        """`translate` and `known`."""
        found = self.translate(text, sketch)
        return found, self.known(text) if found else 0.0

    def known(self, text: str) -> float:
        """The share of a question that has a translation, 0..1.

        It is counted in Chinese characters or in English words. Names and numbers need none.
        """
        said = [run for run in runs(without_question_words(text)) if not _is_name(run)]
        wide = [run for run in said if is_cjk(run)]
        if wide:
            found = sum(size for run in wide for _, size in _parts(run, self.longest_chinese, self.english))
            return found / sum(map(len, wide))
        parts = _parts(_stems(said), self.longest_english, self.chinese)
        held = {at + i for at, size in parts for i in range(size)}
        counted = [at for at, word in enumerate(said) if word.lower() not in STOP_WORDS]
        return sum(at in held for at in counted) / len(counted) if counted else 1.0

    def terms(self, text: str) -> list[Term]:
        """The terms of a question in the other language, and what stays as it is, in reading order.

        English words in a Chinese question stay: translating them too did harm to Chinese documents
        that speak of software.
        """
        said = runs(text)
        if not any(map(is_cjk, said)):
            return list(self._from_english(said))
        found: list[Term] = []
        for run in said:
            found += self._from_chinese(run) if is_cjk(run) else [Term((run,), is_known=False)]
        return found

    def _from_chinese(self, run: str) -> Iterator[Term]:
        for at, size in _parts(run, self.longest_chinese, self.english):
            if size:
                yield Term(self.english[run[at : at + size]])

    def _from_english(self, said: Sequence[str]) -> Iterator[Term]:
        stems = _stems(said)
        for at, size in _parts(stems, self.longest_english, self.chinese):
            if size:
                yield Term(self.chinese[stems[at : at + size]])
            elif said[at].lower() not in STOP_WORDS:
                yield Term((said[at],), is_known=False)


@cache
def builtin() -> Glossary:
    """The glossary that comes with kb, read at its first use."""
    return Glossary.of(_builtin_entries())


def load(paths: Iterable[Path]) -> Glossary:
    """The built-in glossary with these files over it; a term they hold stands as they say.

    `ConfigError` when a file cannot be read, `BadInput` naming the line that is wrong.
    """
    own: dict[str, Variants] = {}
    for path in paths:
        try:
            text, _ = decode(path.read_bytes())
        except (OSError, UnreadableFile) as error:
            raise ConfigError(f"{path}: {error}", hint="a glossary is a text file") from error
        own |= _entries(text, str(path))
    # The owner's terms stand first, so that theirs are the likeliest for an English word too.
    return Glossary.of(own | {term: said for term, said in _builtin_entries().items() if term not in own})


def translate(text: str, sketch: Sketch | None = None) -> str:
    """`Glossary.translate` of the one that comes with kb."""
    return builtin().translate(text, sketch)


@cache
def _builtin_entries() -> dict[str, Variants]:
    file = files("rag") / "glossaries" / "zh_en.tsv"
    return _entries(file.read_text("utf-8"), "zh_en.tsv")


def _entries(text: str, name: str) -> dict[str, Variants]:
    """English variants by Chinese term. Empty lines and lines that begin with # are left out."""
    found: dict[str, Variants] = {}
    for number, line in enumerate(unicodedata.normalize("NFKC", text).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        chinese, _, english = (part.strip() for part in line.partition("\t"))
        variants = tuple(one.strip() for one in english.split(";") if one.strip())
        if runs(chinese) != [chinese] or not is_cjk(chinese) or not variants or "\t" in english:
            raise BadInput(
                f"{name}, line {number}: {_EXPECTED}; found {line[:60]!r}",
                hint="docs/languages.md has the format; a term is of Chinese characters alone",
            )
        found[chinese] = variants
    return found


def _turned(entries: Mapping[str, Variants]) -> dict[Stems, Variants]:
    """Chinese terms by the stems of English ones; those that mean it first of all stand first."""
    found: dict[Stems, list[str]] = {}
    for place in range(max((len(variants) for variants in entries.values()), default=0)):
        for chinese, variants in entries.items():
            if place < len(variants):
                found.setdefault(_stems(runs(variants[place])), []).append(chinese)
    return {stems: tuple(terms) for stems, terms in found.items() if not STOP_WORDS.issuperset(stems)}


def _parts(said: Sequence[str], most: int, known: Container[object]) -> Iterator[tuple[int, int]]:
    """Where the longest known terms begin and how long they are; 0 for a part that none begins with."""
    at = 0
    while at < len(said):
        size = _longest(said, at, most, known)
        yield at, size
        at += size or 1


def _is_name(run: str) -> bool:
    """A number, or a word with a capital or a digit: it is the same in both languages."""
    return not is_cjk(run) and (run != run.lower() or not run.isalpha())


def _longest(said: Sequence[str], at: int, most: int, known: Container[object]) -> int:
    """How many parts from `at` on make the longest known term; 0 for none."""
    sizes = range(min(most, len(said) - at), 0, -1)
    return next((size for size in sizes if said[at : at + size] in known), 0)


def _stems(said: Sequence[str]) -> Stems:
    """Stems, stop words as they are: "hand in" is not "hand"."""
    return tuple(stem(word) or word.lower() for word in said)


def _held(variants: Variants, sketch: Sketch | None) -> Variants:
    """Those whose every word stands in some passage."""
    if sketch is None:
        return variants
    last = len(sketch.counts) - 1
    return tuple(one for one in variants if (ids := _ids(one)) and sketch.counts[np.array(ids) & last].all())


@cache
def _ids(variant: str) -> tuple[int, ...]:
    return tuple(term_id(term) for term in terms(variant))
