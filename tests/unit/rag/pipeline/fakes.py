"""A system of literals for the stages."""

from collections.abc import Sequence

from rag.errors import NotFound
from rag.hooks import Hooks
from rag.models import Model
from rag.settings import Settings
from rag.types import Answer, Box, Found, Hit, Piece, Question, Request, Verdict

POLICY = """## Working abroad

You may work from another country for up to 20 working days in a calendar year. Ask your manager first.

## Daily allowance

The allowance pays for meals. See [the desk](https://desk.example/x) or pay with card 6250 9410 0652 8599.

| destination | allowance a day |
|---|---|
| China | ¥360 |
"""
QUESTION = "For how many days may I work from another country?"


def hit(text: str = POLICY, *, start: int = 0, version: str = "v1") -> Hit:
    return Hit(
        "d1", version, "hr/policy.md", "Policy", None, "Working abroad", start, len(text), text[start:], 1.0
    )


class FakeSystem:
    """Finds `hits` for every question; the texts are those of the hits."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        model: Model | None = None,
        hits: Sequence[Hit] = (),
        verdict: Verdict | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.model = model
        self.hooks = Hooks()
        self.hits = tuple(hits)
        self.recorded: list[tuple[Question, Answer]] = []
        self.verdict = verdict or Verdict(0.9, "confident")
        self.texts = {h.version: " " * h.start + h.text for h in hits}

    async def retrieve(self, question: Question) -> Found:
        return Found(self.hits, self.verdict)

    def record(self, question: Question, answer: Answer) -> None:
        self.recorded.append((question, answer))

    async def version_text(self, tenant: str, version: str) -> str:
        if version not in self.texts:
            raise NotFound("gone")
        return self.texts[version]

    async def boxes(self, tenant: str, version: str, start: int, end: int) -> tuple[Box, ...]:
        return (Box(start, end, 1, 72.0, 90.0, 300.0, 102.0),)


async def ask(system: FakeSystem, text: str = QUESTION) -> Answer:
    """The answer, after checking what holds for every answer."""
    from rag.pipeline import answer

    pieces, last = "", None
    async for item in answer(Request(text), system):
        if isinstance(item, Piece):
            assert last is None
            pieces += item.text
        else:
            last = item
    assert last is not None
    assert last.text == pieces
    for citation in last.citations:
        stored = system.texts[citation.version][citation.start : citation.end]
        hidden = {i for span in citation.masked for i in range(span.start, span.end)}
        assert len(stored) == len(citation.quote)
        assert all(i in hidden or a == b for i, (a, b) in enumerate(zip(stored, citation.quote, strict=True)))
        assert last.text[citation.claim.start : citation.claim.end].strip()
        assert f"[{citation.n}]" in last.text
    return last
