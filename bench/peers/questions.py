"""The sets, their answerable questions, and the ways in which a question with a history is asked."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from bench import shared
from bench.peers.job import Ask
from bench.shared import Gold

Form = Literal["plain", "history", "last turn", "last + 2 user turns"]

BUDGETS = {"en": (1000, 2000, 4000), "zh": (1000, 2000, 2500)}  # characters; the last one is the headline
SETS = ("handbook_en", "docs_zh", "faq_en", "faq_zh", "multiturn_en", "wiki_zh")
EVERY = {"wiki_zh": 4}  # of its 3,219 questions every fourth is asked
EARLIER = 2  # user turns that are put before a question where a system does not know conversations


@dataclass(frozen=True, slots=True)
class Case:
    """An answerable question. Any of the golds suffices. `history` holds (role, text), oldest first."""

    text: str
    history: tuple[tuple[str, str], ...]
    gold: tuple[Gold, ...]

    def ask(self, form: Form) -> Ask:
        """The question as a system gets it."""
        if form == "history":
            return Ask(self.text, self.history)
        if form == "last + 2 user turns":
            earlier = [text for role, text in self.history if role == "user"][-EARLIER:]
            return Ask("\n".join([*earlier, self.text]))
        return Ask(self.text)


def cases(name: str) -> list[Case]:
    """The answerable questions of a set, in the order of its file."""
    lines = (shared.folder() / name / "questions.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines[:: EVERY.get(name, 1)]]
    return [_case(row) for row in rows if row["answerable"]]


def forms(name: str, system: str) -> tuple[Form, ...]:
    """How a system is asked on a set: `kb` takes the history, a peer gets both texts a user would try."""
    if not name.startswith("multiturn"):
        return ("plain",)
    return ("history",) if system == "kb" else ("last turn", "last + 2 user turns")


def _case(row: dict[str, Any]) -> Case:
    gold = tuple(Gold(g["file"].removeprefix("docs/"), g["start"], g["end"]) for g in row["gold"])
    history = tuple((turn["role"], turn["text"]) for turn in row.get("history", ()))
    return Case(row["question"], history, gold)
