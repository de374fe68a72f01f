"""Questions that were drafted and not yet confirmed by a person, in the shared format.

A draft is never scored: its line says `"confirmed": false` until somebody has said yes to it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.evaluate.types import Gold
from rag.types import Language, Message
from rag.wording import fold, name

MOST_PLACES = 3  # of one draft; a person is to look at each


@dataclass(frozen=True, slots=True)
class Draft:
    """A question with its answer and the places that hold it; `kind` says how it was made.

    Without `gold` it is a question that nothing should answer.
    """

    question: str
    language: Language
    kind: str
    answer: str = ""
    gold: tuple[Gold, ...] = ()
    answerable: bool = True
    history: tuple[Message, ...] = ()
    collection: str | None = None

    @property
    def id(self) -> str:
        """The same for the same question at the same places; it outlives a person's editing."""
        places = (f"{gold.file}:{gold.start}" for gold in self.gold)
        return f"draft-{name(self.key, *places)}"

    @property
    def key(self) -> str:
        """The same for the same question after the same turn."""
        return key([turn.content for turn in self.history], self.question)

    def line(self) -> str:
        """One line of JSON, without its end."""
        value: dict[str, object] = {
            "id": self.id,
            "question": self.question,
            "lang": self.language,
            "answer": self.answer,
            "gold": [_gold(gold) for gold in self.gold],
            "answerable": self.answerable,
            "kind": self.kind,
            "confirmed": False,
        }
        if self.history:
            value["history"] = [{"role": turn.role, "content": turn.content} for turn in self.history]
        if self.collection:
            value["collection"] = self.collection
        return json.dumps(value, ensure_ascii=False)


def key(history: Sequence[str], question: str) -> str:
    """What tells that a question is there already, after its last turn but one."""
    return name(fold(question), *map(fold, history[-2:-1]))


def key_of(value: Mapping[str, object]) -> str:
    """The key of a line of the shared format, whoever made it."""
    turns = value.get("history")
    said = (
        [str(turn.get("content")) for turn in turns if isinstance(turn, dict)]
        if isinstance(turns, list)
        else []
    )
    return key(said, str(value.get("question") or ""))


def merged(drafts: Iterable[Draft]) -> tuple[list[Draft], int]:
    """Drafts with each question once, and how many were left out as ambiguous.

    Places that give the same answer stand together. A question that has several answers is no
    question: which one is meant cannot be known.
    """
    groups: dict[str, list[Draft]] = {}
    for draft in drafts:
        groups.setdefault(draft.key, []).append(draft)
    kept, ambiguous = [], 0
    for some in groups.values():
        if len({fold(draft.answer) for draft in some}) > 1:
            ambiguous += len(some)
            continue
        gold = tuple(dict.fromkeys(gold for draft in some for gold in draft.gold))
        kept.append(replace(some[0], gold=gold[:MOST_PLACES]))
    return kept, ambiguous


def spread(drafts: Iterable[Draft], count: int) -> list[Draft]:
    """At most `count`, in turns from each document, and within it from each kind, in the order given."""
    by_file: dict[str, list[Draft]] = {}
    for draft in drafts:
        by_file.setdefault(draft.gold[0].file if draft.gold else "", []).append(draft)
    piles = [list(_in_turns(_by_kind(some))) for some in by_file.values()]
    return list(_in_turns(piles))[:count]


def _by_kind(drafts: Sequence[Draft]) -> list[list[Draft]]:
    found: dict[str, list[Draft]] = {}
    for draft in drafts:
        found.setdefault(draft.kind, []).append(draft)
    return list(found.values())


def _in_turns(piles: Sequence[Sequence[Draft]]) -> Iterator[Draft]:
    for turn in range(max(map(len, piles), default=0)):
        yield from (pile[turn] for pile in piles if turn < len(pile))


def _gold(gold: Gold) -> dict[str, object]:
    return {"file": gold.file, "start": gold.start, "end": gold.end, "quote": gold.quote}
