"""Where the answers stand, and which questions belong together: those about one document or FAQ entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anyio.to_thread import run_sync

from rag.errors import NotFound
from rag.evaluate import gold, passages
from rag.evaluate.gold import Stored
from rag.evaluate.passages import Passage
from rag.evaluate.places import overlap
from rag.evaluate.types import Case, Place
from rag.system import System
from rag.types import Document
from rag.wording import ASKS

_Key = tuple[str, str]  # collection and source
_Headed = Mapping[_Key, Sequence[Passage]]


@dataclass(frozen=True, slots=True)
class Located:
    """A question with its gold places, and the name of what it belongs to."""

    case: Case
    places: tuple[Place, ...]
    group: str


async def located(system: System, cases: Sequence[Case]) -> list[Located]:
    """The questions in their order. One without a known place belongs to nothing but itself."""
    stored, headed = [], {}
    for document in gold.needed(cases, await system.documents()):
        try:
            text = await system.version_text(system.settings.tenant, document.version)
        except NotFound:  # it has no text, or went meanwhile
            continue
        stored.append(Stored(document.source, document.collection, text))
        headed[document.collection, document.source] = await run_sync(_passages, system, document, text)
    return await run_sync(lambda: [_located(case, stored, headed) for case in cases])


def _passages(system: System, document: Document, text: str) -> list[Passage]:
    with system.catalog.read() as connection:
        return passages.read(connection, system.settings.tenant, document, text)


def _located(case: Case, stored: Sequence[Stored], headed: _Headed) -> Located:
    places = gold.find(case, stored).places if case.answerable else ()
    group = _group(places[0], headed) if places else f"question {case.id}"
    return Located(case, places, group)


def _group(place: Place, headed: _Headed) -> str:
    """The document; in a list of questions and answers the entry, told by a heading that asks."""
    document = f"{place.collection}/{place.source}"
    for one in headed[place.collection, place.source]:
        here = Place(place.source, one.start, one.start + len(one.text), place.collection)
        if overlap(here, place) and one.heading.endswith(ASKS):
            return f"{document} {one.heading}"
    return document
