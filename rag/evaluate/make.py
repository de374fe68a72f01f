"""Drafting questions from the stored documents and from what was asked."""

import random
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from anyio import CapacityLimiter, create_task_group
from anyio.to_thread import run_sync

from rag.errors import BackendError, BadInput
from rag.evaluate import asked, passages, patterns, written
from rag.evaluate.drafts import Draft, merged, spread
from rag.evaluate.passages import Passage
from rag.models import Model
from rag.system import System
from rag.unanswered import clusters

Origin = Literal["documents", "asked", "both"]

_DOCUMENTS = 4  # looked at for each draft that is wanted, and at least
_LEAST_DOCUMENTS = 200
_UNANSWERABLE = 5  # one in so many of what was asked
_AT_ONCE = 4  # calls of the model
_PASSAGE = {"en": 200, "zh": 80}  # characters from which a passage is worth asking about


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: at most `count` new drafts, the same for the same `seed` and documents."""

    count: int = 50
    collection: str | None = None
    origin: Origin = "both"
    seed: int = 0


@dataclass(slots=True)
class Made:
    """New drafts, and how many were dropped for which reason."""

    drafts: list[Draft] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)


async def make(
    system: System,
    order: Order,
    known: Collection[str] = (),
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Made:
    """Drafts that are not `known` (their ids and keys), spread over documents.

    What was asked comes first and takes at most half when both origins are wanted; without a model
    questions are made by rule. `progress` hears how many passages the model has been asked about.
    """
    made = Made()
    if order.origin != "documents":
        most = order.count if order.origin == "asked" else order.count // 2
        made.drafts += await _from_asked(system, order, most, known, made.dropped)
    if order.origin != "asked":
        taken = {*known, *(draft.key for draft in made.drafts)}
        rest = order.count - len(made.drafts)
        made.drafts += await _from_documents(system, order, rest, taken, made.dropped, progress)
    made.drafts = [replace(draft, collection=order.collection) for draft in made.drafts]
    return made


async def _from_asked(
    system: System, order: Order, most: int, known: Collection[str], dropped: Counter[str]
) -> list[Draft]:
    tenant = system.settings.tenant
    documents = {document.id: document for document in await system.documents(order.collection)}

    def read() -> list[Draft | str]:
        with system.catalog.read() as connection:
            askings = asked.read(connection, tenant, 4 * most + len(known))
        cited = {str(one["document"]) for asking in askings for one in asking.citations}
        versions = [documents[one].version for one in sorted(cited & documents.keys())]
        texts = system.library.texts(tenant, [version for version in versions if version])
        return [asked.draft(asking, documents, texts) for asking in askings]

    made = await run_sync(read)
    dropped.update(asked.reasons(made))
    open_ones = await clusters(system, collection=order.collection)
    nothing = _new(asked.unanswerable(open_ones, max(1, most // _UNANSWERABLE)), known)
    found, ambiguous = merged(_new([one for one in made if isinstance(one, Draft)], known))
    dropped["asked alike with several answers"] += ambiguous
    return [*found[: most - len(nothing)], *nothing][:most]


async def _from_documents(
    system: System,
    order: Order,
    count: int,
    known: Collection[str],
    dropped: Counter[str],
    progress: Callable[[int, int], None],
) -> list[Draft]:
    rng = random.Random(order.seed)  # noqa: S311  # a sample, not a secret
    read = await _sampled(system, order, count, rng)
    by_rule = [draft for some in read for draft in _shuffled(patterns.drafts(some), rng)]
    if (model := system.model) is None:
        return _chosen(by_rule, count, known, dropped)
    entries = [draft for draft in by_rule if draft.kind == patterns.FAQ]
    by_model = await _written(model, _worth_asking(read, count, rng), dropped, progress)
    first = _chosen([*entries, *by_model], count, known, dropped)
    taken = {*known, *(draft.key for draft in first)}
    others = [draft for draft in by_rule if draft.kind != patterns.FAQ]
    return [*first, *_chosen(others, count - len(first), taken, dropped)]


async def _sampled(system: System, order: Order, count: int, rng: random.Random) -> list[list[Passage]]:
    """The passages of documents drawn at random, document by document."""
    found = [document for document in await system.documents(order.collection) if document.version]
    if not found:
        where = f" in the collection {order.collection!r}" if order.collection else ""
        raise BadInput(f"no documents{where}", hint="kb ingest FOLDER reads some")
    most = max(_LEAST_DOCUMENTS, _DOCUMENTS * count)
    some = rng.sample(found, min(len(found), most))
    tenant = system.settings.tenant

    def read() -> list[list[Passage]]:
        texts = system.library.texts(tenant, [document.version for document in some])
        with system.catalog.read() as connection:
            return [
                passages.read(connection, tenant, document, texts[document.version])
                for document in some
                if document.version in texts
            ]

    return await run_sync(read)


def _worth_asking(read: Sequence[Sequence[Passage]], count: int, rng: random.Random) -> list[Passage]:
    """One passage of each document in turns, until there are enough."""
    piles = [[one for one in some if len(one.text) >= _PASSAGE[one.language]] for some in read]
    for pile in piles:
        rng.shuffle(pile)
    longest = max(map(len, piles), default=0)
    return [pile[turn] for turn in range(longest) for pile in piles if turn < len(pile)][:count]


async def _written(
    model: Model, some: Sequence[Passage], dropped: Counter[str], progress: Callable[[int, int], None]
) -> list[Draft]:
    """The model's drafts in the order of the passages. Raises its error when every call failed."""
    made: dict[int, Draft] = {}
    errors: list[BackendError] = []
    room, done = CapacityLimiter(_AT_ONCE), Counter[str]()

    async def one(place: int, passage: Passage) -> None:
        async with room:
            try:
                result = await written.draft(model, passage)
            except BackendError as error:
                errors.append(error)
                result = "the model failed"
        if isinstance(result, Draft):
            made[place] = result
        else:
            dropped[f"model: {result}"] += 1
        done["all"] += 1
        progress(done["all"], len(some))

    async with create_task_group() as group:
        for place, passage in enumerate(some):
            group.start_soon(one, place, passage)
    if errors and len(errors) == len(some):
        raise errors[0]
    return [made[place] for place in sorted(made)]


def _chosen(
    drafts: Sequence[Draft], count: int, known: Collection[str], dropped: Counter[str]
) -> list[Draft]:
    found, ambiguous = merged(drafts)
    dropped["asked alike with several answers"] += ambiguous
    return spread(_new(found, known), count)


def _new(drafts: Sequence[Draft], known: Collection[str]) -> list[Draft]:
    return [draft for draft in drafts if draft.id not in known and draft.key not in known]


def _shuffled(drafts: Sequence[Draft], rng: random.Random) -> list[Draft]:
    return rng.sample(list(drafts), len(drafts))
