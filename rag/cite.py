"""Proof of quotes, and of sentences that a model wrote about passages.

A quote is proved when its characters stand in the stored text, exactly or after folding white space,
width, quotation marks and dashes. What is shown is always the stored characters.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.pack import Passage
from rag.remembered import remembered
from rag.sentences import Sentence, plain, sentences
from rag.support import Facts, facts, numbers_held, support
from rag.tables import header_of
from rag.types import Hit, QuoteStatus
from rag.words import CJK, has_cjk

LEAST, LEAST_CJK = 8, 4  # characters of a quote that a model may bring
CARRIED = 0.4  # support from which a sentence that names a passage is cited
CARRIED_UNNAMED = 0.6  # the same for one that names none
_TWO_BETTER = 0.15  # by which two sentences must support better than one to be quoted together

_WIDE = re.compile(f"[{CJK}]")
_FOLDED = str.maketrans("‘’‚‛“”„‟«»‹›「」『』〝〞‐‑‒–—―−", '\'\'\'\'""""""""""""""-------')
_DROPPED = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f")
_MARKER = re.compile(
    r"\s?[\[【［]\s{0,2}\^?(?P<numbers>[0-9]{1,3}(?:\s{0,2}[,，、;–-]\s{0,2}\^?[0-9]{1,3}){0,9})"
    r"(?:†[^\[\]【】［］]{0,40})?\s{0,2}[\]】］]"
)
_QUOTED = re.compile(
    r"(?<![\w])\"([^\"\n]{1,600})\"|“([^“”\n]{1,600})”|「([^「」\n]{1,600})」|『([^『』\n]{1,600})』"
)
# Parts of a passage that a reader must not be given: images, targets, tags and addresses.
_LINKED = re.compile(
    r"!\[[^\[\]]{0,300}\]\([^()\n]{0,2000}\)|\]\([^()\n]{0,2000}\)|<[A-Za-z/!][^<>]{0,1000}>"
    r"|(?:[A-Za-z][A-Za-z0-9+.-]{1,20}://|www\.)[^\s<>)\]]{1,2000}"
)
_LINK_MARKS = ("](", "<", "://", "www.")  # one of them is in each
_ITEM = re.compile(r"[0-9]{1,3}[.)、]\s")  # a number that only counts the items of a list
_EDGE = " \t\n*_[]()|`#>"


@dataclass(frozen=True, slots=True)
class Proof:
    """`quote` stands at `start`..`end` of the version that `hit` belongs to."""

    hit: Hit
    start: int
    end: int
    quote: str
    status: QuoteStatus
    support: float


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer, white space before it included, and what proves it.

    `marked` false leaves its citation number to the next statement, which has the same passage.
    """

    text: str
    proofs: tuple[Proof, ...] = ()
    marked: bool = True


def prove(quote: str, text: str) -> tuple[int, int, QuoteStatus] | None:
    """Where a quote stands in a text, and how it was found; None when it does not stand there."""
    quote = quote.strip()
    if len(quote) < (LEAST_CJK if has_cjk(quote) else LEAST):
        return None
    if (at := text.find(quote)) >= 0:
        return at, at + len(quote), "verified"
    folded, starts, ends = _fold(text)
    wanted = _fold(quote)[0].strip()
    at = folded.find(wanted) if wanted else -1
    if at < 0:
        return None
    return starts[at], ends[at + len(wanted) - 1], "normalized"


def unmark(text: str) -> tuple[str, tuple[int, ...]]:
    """A sentence without its citation markers, and the numbers that they named."""
    if not any(mark in text for mark in "[【［"):
        return text, ()
    numbers: list[int] = []
    for match in _MARKER.finditer(text):
        numbers.extend(_numbers(match["numbers"]))
    return _MARKER.sub("", text), tuple(dict.fromkeys(numbers))


def check(text: str, passages: Sequence[Passage], question: str) -> Statement | None:
    """A model's sentence with its proofs, or None when it must not be shown.

    Not shown is a sentence with a quote that stands nowhere, with numbers that no passage has, or
    with a citation that no passage bears out.
    """
    body, named = unmark(text)
    if not any(character.isalnum() for character in body):
        return Statement(body) if body.strip() else None
    chosen = [passages[n - 1] for n in named if 0 < n <= len(passages)]
    claim = plain(body)
    proofs: list[Proof] = []
    for quote in _quotes(body):
        if proof := _first(quote, [*chosen, *passages], claim):
            proofs.append(proof)
        elif not _echoes(quote, question):
            return None
    done = {proof.hit for proof in proofs}
    proofs += _carried(claim, [p for p in chosen if p.hit not in done], CARRIED)
    if not proofs:
        proofs += _carried(claim, passages, CARRIED_UNNAMED)[:1]
    if not proofs and (named or _has_foreign_numbers(claim, passages, question)):
        return None
    return Statement(body, tuple(proofs))


def best_quote(claim: str, passage: Passage) -> Proof | None:
    """The sentence of a passage (or two in a row) that carries the claim best."""
    units = [unit for unit in sentences(passage.hit.text) if unit.kind not in ("heading", "header")]
    scored = [(_supported(claim, passage, unit.start, unit.end), unit) for unit in units]
    if not scored:
        return None
    best, unit = max(scored, key=lambda item: item[0])
    start, end = unit.start, unit.end
    for first, second in pairwise(units):
        if unit in (first, second) and (both := _two(claim, passage, first, second)) > best + _TWO_BETTER:
            best, start, end = both, first.start, second.end
    return quote_at(passage, start, end, best, claim)


def quote_at(passage: Passage, start: int, end: int, supported: float, claim: str = "") -> Proof:
    """The stored characters of a place in a passage as a proof, without links where that is possible."""
    hit = passage.hit
    start, end = quotable(hit.text, start, end, claim)
    quote = hit.text[start:end]
    return Proof(hit, hit.start + start, hit.start + end, quote, "verified", supported)


def quotable(text: str, start: int, end: int, claim: str = "") -> tuple[int, int]:
    """The best stretch without link targets, images, tags and addresses; all of it if that is short.

    Best is what holds the most numbers of the claim, then of the sentence, and then the longest.
    """
    if not any(text.find(mark, start, end) >= 0 for mark in _LINK_MARKS):
        return start, end
    runs, done = [], start
    for match in _LINKED.finditer(text, start, end):
        runs.append(_trimmed(text, done, match.start()))
        done = match.end()
    if not runs:
        return start, end
    runs.append(_trimmed(text, done, end))
    said = {value for value, _ in facts(claim).numbers}

    def worth(run: tuple[int, int]) -> tuple[int, int, int]:
        item = _ITEM.match(text, *run) if run == runs[0] else None
        held = facts(text[item.end() if item else run[0] : run[1]]).numbers
        return len(said & {value for value, _ in held}), len(held), run[1] - run[0]

    best = max(runs, key=worth)
    return best if best[1] - best[0] >= 12 else (start, end)


def surroundings(passage: Passage, at: int) -> str:
    """What a place of a passage stands under: title, headings, and a table's header."""
    hit = passage.hit
    header = header_of(passage.whole, hit.start + at) if hit.text[at : at + 1] == "|" else ""
    return f"{hit.title} {hit.heading} {header}"


def _supported(claim: str, passage: Passage, start: int, end: int) -> float:
    return support(claim, plain(passage.hit.text[start:end]), surroundings(passage, start))


def _two(claim: str, passage: Passage, first: Sentence, second: Sentence) -> float:
    return _supported(claim, passage, first.start, second.end)


def _carried(claim: str, passages: Sequence[Passage], least: float) -> list[Proof]:
    """Quotes of those passages that carry the claim, best first."""
    found = [proof for passage in passages if (proof := best_quote(claim, passage))]
    return sorted((p for p in found if p.support >= least), key=lambda proof: -proof.support)


def _first(quote: str, passages: Sequence[Passage], claim: str) -> Proof | None:
    for passage in passages:
        hit = passage.hit
        if place := prove(quote, hit.text):
            start, end, status = place
            stored = hit.text[start:end]
            carried = support(claim, plain(stored), surroundings(passage, start))
            return Proof(hit, hit.start + start, hit.start + end, stored, status, carried)
    return None


def _quotes(text: str) -> list[str]:
    """What stands between quotation marks and is long enough to claim that it was read somewhere."""
    found = [next(filter(None, match.groups()), "").strip() for match in _QUOTED.finditer(text)]
    return [quote for quote in found if len(quote) >= (LEAST_CJK if has_cjk(quote) else LEAST)]


def _echoes(quote: str, question: str) -> bool:
    """True for words of the asker, which a model may put between quotation marks too."""
    return _fold(quote)[0].casefold() in _fold(question)[0].casefold()


def _has_foreign_numbers(claim: str, passages: Sequence[Passage], question: str) -> bool:
    said = facts(claim)
    held: list[Facts] = [facts(passage.hit.text) for passage in passages]
    held += [facts(f"{p.hit.title} {p.hit.heading}") for p in passages]
    return not numbers_held(said, *held, facts(question))


def _numbers(text: str) -> list[int]:
    found: list[int] = []
    for part in re.split(r"[,，、;]", text):
        ends = [int(n) for n in re.findall(r"\d+", part)]
        found.extend(range(ends[0], ends[1] + 1) if len(ends) == 2 and 0 <= ends[1] - ends[0] < 9 else ends)
    return found


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    return start, end


@remembered(256)
def _fold(text: str) -> tuple[str, list[int], list[int]]:
    """The folded text, and for each of its characters where its original starts and ends.

    White space counts only between two letters or digits of a spaced script: one line break more or
    less must not matter, but `10 00` is not `1000`.
    """
    kept = _clusters(text)
    folded: list[tuple[str, int, int]] = []
    for i, (character, start, end) in enumerate(kept):
        if character != " " or (
            0 < i < len(kept) - 1 and _spaced(kept[i - 1][0]) and _spaced(kept[i + 1][0])
        ):
            folded.append((character, start, end))
    return "".join(c for c, _, _ in folded), [s for _, s, _ in folded], [e for _, _, e in folded]


def _spaced(character: str) -> bool:
    return character.isalnum() and not _WIDE.match(character)


def _clusters(text: str) -> list[tuple[str, int, int]]:
    """Folded characters with their places; a run of white space is one space."""
    found: list[tuple[str, int, int]] = []
    i = 0
    while i < len(text):
        j = i + 1
        while j < len(text) and unicodedata.combining(text[j]):
            j += 1
        cluster = "".join(c for c in text[i:j] if c not in _DROPPED).translate(_FOLDED)
        for character in unicodedata.normalize("NFKC", cluster).translate(_FOLDED):
            if not character.isspace():
                found.append((character, i, j))
            elif not found or found[-1][0] != " ":
                found.append((" ", i, j))
        i = j
    return found


_MARKED_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)[ \t#]*$", re.MULTILINE)


def heading_at(hit: Hit, at: int) -> str:
    """The heading path at offset `at` of the stored text: a passage may run on into the next section.

    Only Markdown says so in its text; elsewhere it is the path of the passage.
    """
    path = hit.heading.split(" > ") if hit.heading else []
    level = 0
    for mark in _MARKED_HEADING.finditer(hit.text, 0, max(0, at - hit.start)):
        depth, title = len(mark[1]), plain(mark[2])
        if title in path:  # the passage tells its own path, or begins above the section it is named for
            del path[path.index(title) + 1 :]
        else:
            del path[max(0, len(path) - max(0, (level or depth) - depth + 1)) :]
            path.append(title)
        level = depth
    return " > ".join(path)
