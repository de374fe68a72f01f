"""A model's opinion of an answer, beside the figures from gold and never instead of them.

The judge sees the question, what is known to be right and the answer, as data behind a boundary. Of
its reply only one of four words counts. How far it agrees with gold is printed with every figure of
it: as a share, and as Cohen's kappa (Cohen 1960), which takes away what chance alone would agree on.
"""

import json
import re
import secrets
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any, Literal, cast, get_args

from rag.errors import BackendError
from rag.evaluate import bootstrap
from rag.evaluate.bootstrap import Figure
from rag.evaluate.types import Row
from rag.guards.normalise import shown
from rag.models import Model, Turn
from rag.types import Usage

Verdict = Literal["correct", "partly", "wrong", "refused"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

_PROMPT = Path(__file__).parents[1] / "prompts" / "judge.md"
_TOKENS = 800  # one word is asked for; a model that thinks first needs room for it
_LONGEST = 40  # characters; a longer reply is not a verdict, and is not read to its end
_CONTROL = re.compile(r"<\||\|>|[\x00-\x09\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judge said of one answer, and what asking it took."""

    verdict: Verdict
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the judge thinks of a run, and how far it agrees with gold on right or wrong.

    `right` is the share that it calls right, `unjudged` how many rows have no verdict that should
    have one. `share` 0..1 and `kappa` are over the `n` answers that gold can judge too, without those that
    the judge was not asked about: None where there is none, and `kappa` also where chance alone would
    agree on everything.
    """

    right: Figure
    unjudged: int
    n: int
    share: float | None
    kappa: float | None


async def judge(row: Row, model: Model) -> Judgement | None:
    """The model's verdict, or None: asking failed, or the reply was not one of the four words.

    What was not answered is `refused` without asking. What cannot be judged is None.
    """
    if not can_be_judged(row):
        return None
    if row.status != "answered":
        return Judgement("refused")
    try:
        return await _asked(_turns(row), model)
    except BackendError:
        return None


async def judged(row: Row, model: Model) -> Row:
    """The row with the verdict in its measures, or as it is where there is none."""
    judgement = await judge(row, model)
    return replace(row, measures={**row.measures, **measures(row, judgement)}) if judgement else row


def parse(reply: str) -> Verdict | None:
    """One of the four words, whatever its case, alone but for a full stop; else None."""
    word = reply.strip().removesuffix(".").casefold()
    return next((verdict for verdict in VERDICTS if verdict == word), None)


def measures(row: Row, judgement: Judgement) -> dict[str, float]:
    """The verdict as a number for `Row.measures`: `judge` is 1 for right, 0.5 for partly, 0 else.

    Right is `correct`, or `refused` where the question is not answerable.
    """
    right = "correct" if row.case.answerable else "refused"
    partly = judgement.verdict == "partly" and row.case.answerable
    return {"judge": 0.5 if partly else float(judgement.verdict == right)}


def agreement(rows: Sequence[Row]) -> Agreement | None:
    """The sums of a run that was judged, `partly` as not right; None when it was not judged."""
    judged = [row for row in rows if "judge" in row.measures]
    right = bootstrap.mean([float(_is_right(row)) for row in judged])
    if right is None:
        return None
    asked = [row for row in judged if row.status == "answered" and "correct" in row.measures]
    pairs = [(row.measures["correct"] == 1, _is_right(row)) for row in asked]
    unjudged = sum(can_be_judged(row) for row in rows) - len(judged)
    share = fmean(gold == judge for gold, judge in pairs) if pairs else None
    return Agreement(right, unjudged, len(pairs), share, kappa(pairs))


def kappa(pairs: Sequence[tuple[bool, bool]]) -> float | None:
    """Cohen's kappa of two judges of the same things; None where it is not defined."""
    if not pairs:
        return None
    agreed = fmean(one == two for one, two in pairs)
    first, second = fmean(one for one, _ in pairs), fmean(two for _, two in pairs)
    chance = first * second + (1 - first) * (1 - second)
    return (agreed - chance) / (1 - chance) if chance < 1 else None


def sentence(found: Agreement | None) -> str:
    """What may be printed of a judge: its figure and its agreement with gold, or that there is none."""
    if found is None:
        return "judge: not one reply was a verdict"
    right = found.right
    said = f"judge: {right.value:.2f} right of {right.n} ({right.low:.2f} to {right.high:.2f})"
    if found.share is None:
        said += "; there is no answer with gold to check it by"
    else:
        chance = "not defined" if found.kappa is None else f"{found.kappa:.2f}"
        said += f"; agrees with gold on {found.share:.2f} of {found.n} answers, Cohen's kappa {chance}"
    return said + (f"; {found.unjudged} without a verdict" if found.unjudged else "")


def can_be_judged(row: Row) -> bool:
    """Whether something is known to judge the row by, and it was asked without an error."""
    case = row.case
    return not row.error and bool(not case.answerable or case.answer or case.gold)


def _is_right(row: Row) -> bool:
    return row.measures["judge"] == 1


async def _asked(turns: Sequence[Turn], model: Model) -> Judgement | None:
    reply, usage = "", Usage()
    # A stream is an async generator; closing it closes the connection behind it.
    async with aclosing(cast("Any", model.stream(turns, max_tokens=_TOKENS))) as deltas:
        async for delta in deltas:
            reply += delta.text
            usage = delta.usage or usage
            if len(reply.strip()) > _LONGEST:
                return None
    verdict = parse(reply)
    return Judgement(verdict, usage) if verdict else None


def _turns(row: Row) -> tuple[Turn, ...]:
    """Fixed rules, then the row as JSON that cannot close its block: `token` is drawn for this request."""
    token = secrets.token_hex(8)
    mark = f"{token[:4]}|"
    rules = _rules().replace("{boundary}", token).replace("{mark}", mark)
    fields = json.dumps(_fields(row, mark), ensure_ascii=False, indent=1)
    block = f"-----material {token}-----\n{fields}\n-----end of material {token}-----"
    return Turn("system", rules), Turn("user", f"{block}\n\nReply with one word: {', '.join(VERDICTS)}.")


def _fields(row: Row, mark: str) -> dict[str, object]:
    case = row.case
    return {
        "question": _harmless(case.question),
        "answerable": case.answerable,
        "expected": _harmless(case.answer),
        "evidence": [_harmless(gold.quote) for gold in case.gold],
        "answer": [mark + line for line in _harmless(row.text).splitlines()],
    }


def _harmless(text: str) -> str:
    """Without control and hidden characters, and without what a model service reads as the end of a turn."""
    text = shown(text)
    return _CONTROL.sub(" ", text)


@cache
def _rules() -> str:
    return _PROMPT.read_text("utf-8")
