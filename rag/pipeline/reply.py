"""Fifth stage: through the gate, with citation numbers of our own, and then the whole answer."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from rag.cite import Proof, Statement, heading_at
from rag.gate import Gate, GateClosed, mask, mask_hit, source_shown
from rag.pipeline.shapes import Draft, System
from rag.prompt import NOT_FOUND
from rag.types import Answer, Citation, Language, Piece, Span
from rag.words import has_cjk

NEAREST = 3  # places shown with a question that was not answered
REFUSED: dict[Language, str] = {
    "en": "This question cannot be answered here.",
    "zh": "这个问题在这里无法回答。",
}


async def reply(draft: Draft, system: System) -> AsyncGenerator[Piece | Answer]:  # a stage's shape
    """Pieces of text that passed the gate, then the answer; joined, the pieces are its text."""
    way_out = _WayOut(draft)
    async with aclosing(draft.statements) as statements:
        try:
            async for statement in statements:
                if text := way_out.put(statement):
                    yield Piece(text)
            if text := way_out.end():
                yield Piece(text)
        except GateClosed as error:
            draft.outcome.notes["gate"] = str(error)
            if text := way_out.instead():
                yield Piece(text)
    yield await _placed(way_out.answer(), draft.question.principal.tenant, system)


async def _placed(answer: Answer, tenant: str, system: System) -> Answer:
    """With the boxes of its quotes, where their documents have pages."""
    if all(citation.page is None for citation in answer.citations):
        return answer
    return replace(answer, citations=tuple([await _place(c, tenant, system) for c in answer.citations]))


async def _place(citation: Citation, tenant: str, system: System) -> Citation:
    """A passage may go over a page's end: the first box says on which page the quote begins."""
    if citation.page is None:
        return citation
    boxes = await system.boxes(tenant, citation.version, citation.start, citation.end)
    return replace(citation, boxes=boxes, page=boxes[0].page if boxes else citation.page)


class _WayOut:
    """The text of one answer on its way through the gate."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._before = ""  # what left before an answer that was begun again
        self._begin()

    def _begin(self) -> None:
        self._gate = Gate(self._draft.guarded)
        self._fed = 0  # characters given to the gate
        self._sent = ""
        self._cut = 0  # white space that would have begun the text
        self._last = ""  # the last character given
        self._numbers: dict[tuple[str, int, int], int] = {}
        self._claims: list[tuple[int, int, int, Proof]] = []  # number, start, end, proof

    def put(self, statement: Statement) -> str:
        """What may leave now."""
        body = statement.text if self._fed else statement.text.lstrip()
        if not body.strip():
            return ""
        claims, text = self._numbered(statement, body)
        text = " " + text if self._last == "]" and text[0] in "([:" else text
        left = self._pass(text)
        self._claims += claims  # only after the gate has taken the text
        return left

    def end(self) -> str:
        """The rest; the fixed sentence when nothing was said because nothing was found.

        A model's answer whose citations all fell in the gate is followed by the extractive one.
        """
        rest, sent = "", self._sent
        if not self._fed and self._draft.outcome.status == "not_found":
            rest = self._pass(NOT_FOUND[self._draft.question.language])
        rest += self._leave(self._gate.finish())
        if self._draft.outcome.model and self._claims and not self._citations():
            return self._uncited(sent)
        return rest

    def instead(self) -> str:
        """After the gate has closed: what left stays; if nothing did, the extractive answer or a refusal."""
        outcome = self._draft.outcome
        if self._before or self._sent:
            outcome.degraded = "model_cut" if outcome.model else outcome.degraded
            return ""
        had_model, outcome.model = bool(outcome.model), ""
        if had_model:
            outcome.degraded = "model_rubbish"
            if text := self._all(self._draft.instead()):
                return text
        outcome.status, outcome.reason = "refused", "blocked"
        self._begin()
        # Fixed words of ours: safe when even an empty gate fails.
        self._sent = REFUSED[self._draft.question.language]
        return self._sent

    def answer(self) -> Answer:
        """The whole answer. The trace id is added where the trace is."""
        draft, outcome = self._draft, self._draft.outcome
        unanswered = outcome.status in ("not_found", "ambiguous")
        return Answer(
            text=self._before + self._sent,
            citations=tuple(self._citations()),
            status=outcome.status,
            reason=outcome.reason,
            degraded=outcome.degraded,
            evidence=draft.verdict.evidence,
            usage=outcome.usage,
            model=outcome.model,
            nearest=tuple(mask_hit(hit) for hit in draft.hits[:NEAREST]) if unanswered else (),
        )

    def _uncited(self, sent: str) -> str:
        """What is said instead of the rest of a model's answer without a citation; `sent` stays."""
        outcome = self._draft.outcome
        outcome.model, outcome.degraded = "", "quotes_failed"
        text = self._all(self._draft.instead())
        if not text:
            outcome.status, outcome.reason = "not_found", "quotes_failed"
            text = self._all(())
        gap = "\n\n" if sent and text and not sent.endswith("\n\n") else ""
        self._before = sent + gap
        return gap + text

    def _all(self, statements: Sequence[Statement]) -> str:
        self._begin()
        try:
            return "".join([self.put(statement) for statement in statements]) + self.end()
        except GateClosed:
            return ""

    def _numbered(self, statement: Statement, body: str) -> tuple[list[tuple[int, int, int, Proof]], str]:
        """The statement with its markers, and where its claim will stand in what is fed."""
        stripped = body.rstrip()
        tail = body[len(stripped) :]
        closing = "|" if stripped.endswith("|") and stripped.count("|") > 1 else ""  # a table's last cell
        stripped = stripped[: -len(closing)].rstrip() if closing else stripped
        start = self._fed + len(stripped) - len(stripped.lstrip(" \n-*+>|"))
        claims = [(self._number(p), start, self._fed + len(stripped), p) for p in statement.proofs]
        numbers = dict.fromkeys(claim[0] for claim in claims) if statement.marked else {}
        markers = "".join(f"[{n}]" for n in numbers)
        gap = " " if markers and not has_cjk(stripped[-2:]) else ""
        return claims, stripped + gap + markers + (" " + closing if closing else "") + tail

    def _number(self, proof: Proof) -> int:
        """Numbers by passage, in the order in which they appear."""
        place = (proof.hit.version, proof.hit.start, proof.hit.end)
        number = self._numbers.setdefault(place, len(self._numbers) + 1)
        self._gate.know(number)
        return number

    def _pass(self, text: str) -> str:
        left = self._gate.feed(text)
        self._fed += len(text)
        self._last = text[-1]
        return self._leave(left)

    def _leave(self, text: str) -> str:
        if not self._sent:
            self._cut += len(text) - len(text.lstrip())
            text = text.lstrip()
        self._sent += text
        return text

    def _citations(self) -> list[Citation]:
        places = self._gate.moved([place for _, start, end, _ in self._claims for place in (start, end)])
        places = [max(0, place - self._cut) for place in places]
        spans = [Span(a, b) for a, b in zip(places[::2], places[1::2], strict=True)]
        shift = len(self._before)
        return [
            _citation(number, Span(span.start + shift, span.end + shift), proof)
            for span, (number, _, _, proof) in zip(spans, self._claims, strict=True)
            if span.end <= len(self._sent) and f"[{number}]" in self._sent
        ]


def _citation(n: int, claim: Span, proof: Proof) -> Citation:
    hit = proof.hit
    quote, masked = mask(proof.quote)
    return Citation(
        n=n,
        claim=claim,
        document=hit.document,
        version=hit.version,
        source=source_shown(hit.source),
        title=mask(hit.title)[0],
        page=hit.page,
        heading=mask(heading_at(hit, proof.start))[0],
        start=proof.start,
        end=proof.end,
        quote=quote,
        status=proof.status,
        support=proof.support,
        score=hit.score,
        masked=masked,
    )
