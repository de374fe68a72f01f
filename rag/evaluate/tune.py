"""Fit the ranking's weights and the refusal thresholds to labelled questions; keep what holds elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from anyio.to_thread import run_sync

from rag.errors import BadInput
from rag.evaluate import cutoff, fit, folds, grouping, parts, run
from rag.evaluate.candidates import Candidates, gather
from rag.evaluate.grouping import Located
from rag.evaluate.types import Case
from rag.pipeline.parse import parse
from rag.system import System
from rag.types import Request
from rag.weights import EVERYWHERE, Tuning, Weights

FEWEST = 30  # questions; fewer bear no fit
_NOTHING = -1.0  # evidence of a question without candidates: below that of any other


@dataclass(frozen=True, slots=True)
class Order:
    """How to tune: `refuse` is the share of answerable questions that may be refused."""

    folds: int = 5
    refuse: float = 0.05


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was fitted and how it did outside its fold; a string says why something was not fitted.

    `placed` of the `answerable` questions have gold in the documents, which falls into `groups`.
    `cutoffs` are by collection, `EVERYWHERE` for questions to all of them.
    """

    questions: int
    answerable: int
    placed: int
    groups: int
    order: Order
    ranking: fit.Fitted | str
    cutoffs: Mapping[str, cutoff.Fitted | str] = field(default_factory=dict)

    @property
    def tuning(self) -> Tuning:
        """The defaults, but for what beat them."""
        ranking = self.ranking
        weights = ranking.weights if isinstance(ranking, fit.Fitted) and ranking.is_kept else Weights()
        kept = {
            name: one.threshold
            for name, one in self.cutoffs.items()
            if isinstance(one, cutoff.Fitted) and one.is_kept
        }
        return Tuning(weights, kept)

    @property
    def is_kept(self) -> bool:
        """Whether anything beat the defaults."""
        return self.tuning != Tuning()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with its gold and its candidates."""

    located: Located
    candidates: Candidates

    @property
    def case(self) -> Case:
        return self.located.case


async def tune(
    system: System,
    cases: Sequence[Case],
    order: Order = Order(),
    progress: Callable[[], None] = lambda: None,
) -> Outcome:
    """Fit to these questions. `BadInput` where they are too few, or cannot be asked; nothing is written.

    `progress` is called after each question.
    """
    if len(cases) < FEWEST:
        raise BadInput(
            f"{len(cases)} questions are too few to tune on: {FEWEST} are needed, 200 are better",
            hint="kb eval make drafts some for you to confirm",
        )
    await run.check(system, cases)
    await system.search("warm 热身", limit=1)  # mends the index, and says what is wrong with settings
    asked = [await _ask(system, one, progress) for one in await grouping.located(system, cases)]
    return await run_sync(_fitted, asked, order)


async def _ask(system: System, located: Located, progress: Callable[[], None]) -> _Asked:
    case = located.case
    request = Request(case.question, case.history, case.collection, system.settings.limit, system.operator)
    try:
        question = await parse(request, system)
    except BadInput as error:
        raise BadInput(f"{case.where}: {error}", hint=error.hint) from error
    candidates = await gather(system, question)
    await run_sync(lambda: candidates.parts)  # looks closely at every candidate, once
    progress()
    return _Asked(located, candidates)


def _fitted(asked: Sequence[_Asked], order: Order) -> Outcome:
    placed = [one for one in asked if one.located.places]
    groups = folds.number([one.located.group for one in placed])
    ranking = _ranking(placed, groups, order)
    answerable = sum(one.case.answerable for one in asked)
    outcome = Outcome(len(asked), answerable, len(placed), len(set(groups.tolist())), order, ranking)
    thresholds = _thresholds(asked, outcome.tuning.weights, order)
    if isinstance(ranking, str) and all(isinstance(one, str) for one in thresholds.values()):
        raise BadInput(
            f"nothing can be tuned: {ranking}", hint="docs/tuning.md says what questions must have"
        )
    return replace(outcome, cutoffs=thresholds)


def _ranking(placed: Sequence[_Asked], groups: folds.Ints, order: Order) -> fit.Fitted | str:
    if len(placed) < FEWEST:
        return f"of {len(placed)} questions it is known where their answer stands; {FEWEST} are needed"
    if (problem := _ungrouped(groups, order)) is not None:
        return problem
    stacked = parts.stack([one.candidates for one in placed], [one.located.places for one in placed])
    return fit.cross_validated(stacked, groups, order.folds)


def _thresholds(asked: Sequence[_Asked], weights: Weights, order: Order) -> dict[str, cutoff.Fitted | str]:
    names = sorted({one.case.collection or EVERYWHERE for one in asked})
    some = {name: [one for one in asked if (one.case.collection or EVERYWHERE) == name] for name in names}
    return {name: _threshold(some[name], weights, order) for name in names}


def _threshold(asked: Sequence[_Asked], weights: Weights, order: Order) -> cutoff.Fitted | str:
    answerable = np.array([one.case.answerable for one in asked])
    if answerable.sum() < FEWEST:
        return f"{answerable.sum()} questions can be answered; {FEWEST} are needed"
    groups = folds.number([one.located.group for one in asked])
    if (problem := _ungrouped(groups[answerable], order)) is not None:
        return problem
    raw = [one.candidates.raw(weights) for one in asked]
    labelled = cutoff.Labelled(
        np.array([_NOTHING if one is None else one for one in raw]), answerable, groups
    )
    default = Tuning().threshold(None, asked[0].candidates.view.sketch.chunks)
    return cutoff.cross_validated(labelled, default, order.refuse, order.folds)


def _ungrouped(groups: folds.Ints, order: Order) -> str | None:
    """Why these cannot be parted into folds."""
    count = len(set(groups.tolist()))
    if count >= order.folds:
        return None
    return (
        f"the answers stand in {count} documents; as many as folds ({order.folds}) are needed, "
        "so that some can be left out"
    )
