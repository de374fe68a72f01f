"""What could not be answered: recorded questions by meaning, the most asked first."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from anyio.to_thread import run_sync

from rag.catalog import answers
from rag.catalog.answers import Given
from rag.catalog.sketch import Sketch
from rag.clusters import leaders
from rag.errors import NotFound
from rag.query import analyse
from rag.types import Message
from rag.wording import fold, name
from rag.words import without_question_words

if TYPE_CHECKING:
    from rag.embedders import Embedder
    from rag.system import System

# The conversation under which questions are asked again by the system: nobody asked them, so they
# count as answers but not as askings.
AGAIN = "kb:again"
NEAREST = 3
_MANY = 1_000  # questions; among fewer, a word that several share is no common word yet
_TURNS = 4  # of a conversation that are told when its question is asked again


@dataclass(frozen=True, slots=True)
class Near:
    """A place close to a question that was not answered; `page` is 1-based."""

    source: str
    title: str
    heading: str
    page: int | None


@dataclass(frozen=True, slots=True)
class Wording:
    """One question as it was put. `id` is made of its words; `last` is when it was asked last.

    `history` are the turns before it when it was asked last. `collection` is that of the nearest
    place, '' when nothing was near.
    """

    id: str
    text: str
    count: int
    last: float
    history: tuple[Message, ...] = ()
    collection: str = ""
    nearest: tuple[Near, ...] = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    """Wordings of what seems to be one question, most asked first.

    `id` is that of the wording that was asked first, so it stays while others join. The ids of the
    other wordings name the cluster as well.
    """

    id: str
    wordings: tuple[Wording, ...]
    count: int
    last: float
    nearest: tuple[Near, ...] = field(default=())

    @property
    def collection(self) -> str:
        """Where most of it was asked; '' when that is not known."""
        counts: Counter[str] = Counter()
        for one in self.wordings:
            counts[one.collection] += one.count
        counts.pop("", None)
        return counts.most_common(1)[0][0] if counts else ""


async def clusters(system: "System", *, since: float = 0.0, collection: str | None = None) -> list[Cluster]:
    """What the tenant's askers could not be told, largest first; ties by which was asked last.

    All questions are clustered and only then left out by time (`since`, of the last asking) and
    collection, so that an id names the same cluster whatever is shown.
    """

    def make() -> list[Cluster]:
        found = wordings(_recorded(system))
        sketch = system.library.view(system.settings.tenant).sketch
        return group(found, system.embedder, sketch)

    made = [_within(one, since, collection) for one in await run_sync(make)]
    return sorted((one for one in made if one.wordings), key=lambda one: (-one.count, -one.last, one.id))


def find(known: Sequence[Cluster], wanted: str) -> Cluster:
    """The cluster of this id, or of the wording that has it; else `NotFound`."""
    for cluster in known:
        if wanted in (cluster.id, *(one.id for one in cluster.wordings)):
            return cluster
    raise NotFound(f"no unanswered question {wanted!r}", hint="kb unanswered lists them with their ids")


def wordings(given: Sequence[tuple[Given, tuple[Message, ...]]]) -> list[Wording]:
    """Each question once, in the order in which they were asked first. `given` is oldest first."""
    by_words: dict[str, list[tuple[Given, tuple[Message, ...]]]] = {}
    for one, history in given:
        by_words.setdefault(fold(one.question), []).append((one, history))
    return [_wording(words, askings) for words, askings in by_words.items() if words]


def group(found: Sequence[Wording], embedder: "Embedder", sketch: Sketch) -> list[Cluster]:
    """Clusters of wordings that are in the order of their first asking."""
    if not found:
        return []
    texts = [without_question_words(one.text) for one in found]
    vectors = embedder.passages(texts).astype(np.float32)
    led = leaders(vectors, _weighed(texts, sketch))
    members: dict[int, list[Wording]] = {}
    for leader, one in zip(led, found, strict=True):
        members.setdefault(leader, []).append(one)
    return [_cluster(found[leader].id, some) for leader, some in members.items()]


def _recorded(system: "System") -> list[tuple[Given, tuple[Message, ...]]]:
    tenant = system.settings.tenant
    with system.catalog.read() as connection:
        found = answers.without_answer(connection, tenant)
        talks = {one.conversation for one in found} - {"", AGAIN}
        turns = {talk: answers.turns(connection, tenant, talk) for talk in sorted(talks)}
    return [(one, before(one, turns.get(one.conversation, ()))) for one in found]


def before(one: Given, turns: Sequence[Given]) -> tuple[Message, ...]:
    """The last turns of the conversation before this question, as far as they are still kept."""
    earlier = [turn for turn in turns if turn.asked < one.asked and turn.question][-_TURNS:]
    said: list[Message] = []
    for turn in earlier:
        said += [Message("user", turn.question), Message("assistant", str(turn.body.get("text", "")))]
    return tuple(said)


def _wording(words: str, askings: Sequence[tuple[Given, tuple[Message, ...]]]) -> Wording:
    by_people = [pair for pair in askings if pair[0].conversation != AGAIN] or askings
    last, history = by_people[-1]
    hits = [hit for hit in askings[-1][0].body.get("nearest", ()) if isinstance(hit, dict)]
    return Wording(
        id=name(words),
        text=last.question,
        count=len(by_people),
        last=last.asked,
        history=history,
        collection=str(hits[0].get("collection", "")) if hits else "",
        nearest=tuple(_near(hit) for hit in hits[:NEAREST]),
    )


def _near(hit: Mapping[str, object]) -> Near:
    page = hit.get("page")
    source, title, heading = (str(hit.get(key) or "") for key in ("source", "title", "heading"))
    return Near(source, title, heading, page if isinstance(page, int) else None)


def _weighed(texts: Sequence[str], sketch: Sketch) -> list[dict[int, float]]:
    """Words of each question with how rare they are in the documents and among the questions."""
    queries = [analyse(text, sketch) for text in texts]
    counts = Counter(word for query in queries for word in query.term_ids.tolist())
    most = max(len(texts), _MANY)
    rare = {word: math.log1p(most / count) / math.log1p(most) for word, count in counts.items()}
    return [
        {word: weight * rare[word] for word, weight in zip(ids, weights, strict=True)}
        for ids, weights in ((query.term_ids.tolist(), query.term_weights.tolist()) for query in queries)
    ]


def _cluster(name: str, members: Sequence[Wording]) -> Cluster:
    ordered = sorted(members, key=lambda one: (-one.count, -one.last, one.id))
    count, last = sum(one.count for one in ordered), max((one.last for one in ordered), default=0.0)
    return Cluster(name, tuple(ordered), count, last, _nearest(ordered))


def _nearest(members: Sequence[Wording]) -> tuple[Near, ...]:
    """The places that most wordings come near to."""
    votes: Counter[Near] = Counter()
    for one in members:
        votes.update(dict.fromkeys(one.nearest, one.count))
    return tuple(near for near, _ in votes.most_common(NEAREST))


def _within(cluster: Cluster, since: float, collection: str | None) -> Cluster:
    """The cluster with only those wordings."""
    kept = [one for one in cluster.wordings if one.last >= since and collection in (None, one.collection)]
    return cluster if len(kept) == len(cluster.wordings) else _cluster(cluster.id, kept)
