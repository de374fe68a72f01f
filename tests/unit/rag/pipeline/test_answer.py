import re
from collections.abc import AsyncGenerator

import pytest

from rag.cite import Proof, Statement
from rag.errors import TimedOut, Unauthenticated
from rag.gate.streams import Rewriter
from rag.models.scripted import connect
from rag.pipeline import answer, search
from rag.pipeline.reply import reply as stage
from rag.pipeline.shapes import Draft, Outcome
from rag.settings import Key, Settings
from rag.types import Answer, Found, Piece, Principal, Question, Request, Verdict
from tests.unit.rag.pipeline.fakes import POLICY, QUESTION, FakeSystem, ask, hit

pytestmark = pytest.mark.anyio


def scripted(behaviour: str, **settings: object) -> FakeSystem:
    given = Settings(**{"first_text": 0.2, "deadline": 5.0, **settings})
    return FakeSystem(given, model=connect(behaviour, given), hits=[hit()])


async def test_without_a_model_the_best_sentence_is_quoted_with_what_follows() -> None:
    reply = await ask(FakeSystem(hits=[hit()]))
    assert reply.text == (
        "You may work from another country for up to 20 working days in a calendar year. "
        "Ask your manager first. [1]"
    )
    assert reply.status == "answered"
    assert reply.degraded is None
    assert reply.model == ""
    assert [citation.support for citation in reply.citations] == [1.0, 1.0]
    assert re.fullmatch("[0-9a-f]{16}", reply.trace_id)


async def test_quotes_are_judged_whole_and_shown_masked() -> None:
    reply = await ask(FakeSystem(hits=[hit()]), "With which card may I pay the desk?")
    assert "[bank card]" in reply.text
    assert "6250" not in reply.text + "".join(c.quote for c in reply.citations)
    assert "desk.example" not in reply.text + "".join(c.quote for c in reply.citations)
    assert any(citation.masked for citation in reply.citations)


async def test_a_passage_that_begins_inside_its_version_is_cited_by_its_place_there() -> None:
    reply = await ask(FakeSystem(hits=[hit(start=20)]))
    quoted = reply.citations[0]
    assert POLICY[quoted.start : quoted.end] == quoted.quote


@pytest.mark.parametrize(
    ("text", "said"),
    [("What is a narwhal?", "Not in the documents."), ("独角鲸是什么？", "文档中没有找到答案。")],
)
async def test_what_is_not_in_the_documents_is_said_in_the_language_of_the_question(
    text: str, said: str
) -> None:
    system = FakeSystem(hits=[hit()], verdict=Verdict(0.1, "not_found", "low_evidence"))
    reply = await ask(system, text)
    assert (reply.text, reply.status, reply.reason, reply.citations) == (
        said,
        "not_found",
        "low_evidence",
        (),
    )
    assert len(reply.nearest) == 1
    assert "6250" not in reply.nearest[0].text


async def test_an_empty_collection_is_a_reason_of_its_own() -> None:
    reply = await ask(FakeSystem(verdict=Verdict(0.0, "not_found", "no_documents")))
    assert (reply.status, reply.reason, reply.nearest) == ("not_found", "no_documents", ())


async def test_a_version_that_is_gone_meanwhile_is_not_quoted() -> None:
    system = FakeSystem(hits=[hit()])
    system.texts.clear()
    assert (await ask(system)).status == "not_found"


async def test_small_talk_gets_a_fixed_reply_without_citations() -> None:
    reply = await ask(FakeSystem(), "谢谢！")
    assert (reply.text, reply.status, reply.citations) == ("不客气。", "answered", ())


async def test_a_model_that_quotes_is_cited() -> None:
    reply = await ask(scripted("quote"))
    assert (reply.model, reply.degraded, reply.status) == ("scripted:quote", None, "answered")
    assert reply.citations
    assert reply.usage.output_tokens > 0


@pytest.mark.parametrize(
    ("behaviour", "degraded"),
    [
        ("slow", "model_timeout"),
        ("timeout", "model_timeout"),
        ("throttled", "model_throttled"),
        ("unreachable", "model_unreachable"),
        ("broken", "model_error"),
        ("empty", "model_rubbish"),
        ("rubbish", "model_rubbish"),
        ("leak", "model_rubbish"),
        ("invent", "quotes_failed"),
        ("misquote", "quotes_failed"),
    ],
)
async def test_a_failing_model_is_replaced_and_the_answer_says_so(behaviour: str, degraded: str) -> None:
    reply = await ask(scripted(behaviour))
    assert (reply.degraded, reply.model) == (degraded, "")
    assert reply.text.startswith("You may work from another country for up to 20 working days")


async def test_a_model_that_finds_nothing_is_believed() -> None:
    reply = await ask(scripted("refuse"))
    assert (reply.text, reply.status, reply.reason) == ("Not in the documents.", "not_found", "low_evidence")
    assert reply.nearest


async def test_a_model_in_circles_is_cut_after_what_is_proved() -> None:
    reply = await ask(scripted("endless"))
    assert reply.degraded == "model_cut"
    assert reply.citations
    assert len(reply.text) < 500


async def test_a_broken_gate_lets_no_model_text_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Rewriter, text: str) -> str:
        raise RuntimeError("broken")

    monkeypatch.setattr(Rewriter, "feed", broken)
    reply = await ask(scripted("quote"))
    assert (reply.text, reply.status, reply.reason) == (
        "This question cannot be answered here.",
        "refused",
        "blocked",
    )


async def test_a_gate_that_breaks_once_gives_the_extractive_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    feed, broken = Rewriter.feed, [True]

    def once(self: Rewriter, text: str) -> str:
        if broken and broken.pop():
            raise RuntimeError("broken")
        return feed(self, text)

    monkeypatch.setattr(Rewriter, "feed", once)
    reply = await ask(scripted("quote"))
    assert (reply.degraded, reply.model) == ("model_rubbish", "")
    assert reply.text.startswith("You may work from another country")


async def test_a_broken_guard_refuses_and_an_observer_does_not_matter() -> None:
    system = FakeSystem(hits=[hit()])
    system.hooks.observe("after:parse", lambda value, trace: 1 / 0)
    assert (await ask(system)).status == "answered"
    system.hooks.guard("after:parse", lambda value, trace: 1 / 0)
    reply = await ask(system)
    assert (reply.status, reply.reason, reply.citations) == ("refused", "blocked", ())


async def test_an_observer_gets_the_answer_with_its_trace() -> None:
    system, seen = FakeSystem(hits=[hit()]), []
    system.hooks.observe("after:reply", lambda value, trace: seen.append((value, trace)))
    reply = await ask(system)
    [(given, trace)] = seen
    assert given == reply
    assert trace.id == reply.trace_id
    assert {"auth", "parse", "route", "process"} <= set(trace.timings)
    assert trace.fields["band"] == "confident"


async def test_a_search_that_hangs_ends_at_the_deadline() -> None:
    class Hanging(FakeSystem):
        async def retrieve(self, question: Question) -> Found:
            from anyio import sleep_forever

            await sleep_forever()
            raise AssertionError

    with pytest.raises(TimedOut):
        await ask(Hanging(Settings(deadline=0.05)))


async def test_errors_of_the_asker_come_before_any_text() -> None:
    system = FakeSystem(Settings(keys=(Key(name="a", sha256="0" * 64),)))
    with pytest.raises(Unauthenticated):
        await anext(answer(Request("q"), system))


async def test_search_gives_masked_passages() -> None:
    [found] = await search(Request(QUESTION), FakeSystem(hits=[hit()]))
    assert "20 working days" in found.text
    assert "6250" not in found.text
    assert len(found.text) == len(POLICY)


async def test_the_last_item_is_the_answer_and_only_that() -> None:
    items = [item async for item in answer(Request(QUESTION), scripted("quote"))]
    assert [isinstance(item, Answer) for item in items] == [False] * (len(items) - 1) + [True]


@pytest.mark.parametrize("before", ["", "You may work abroad.\n\n"])
async def test_a_citation_that_fell_in_the_gate_is_not_given(before: str) -> None:
    said = f"{before}![chart](x for up to 20 working days"
    stored = hit()

    async def statements() -> AsyncGenerator[Statement]:
        yield Statement(said, (Proof(stored, 20, 60, stored.text[20:60], "verified", 1.0),))

    extracted = Statement(
        "Ask your manager first.", (Proof(stored, 104, 127, stored.text[104:127], "verified", 1.0),)
    )
    draft = Draft(
        Question(QUESTION, Principal("t", "u"), "en"),
        statements(),
        Outcome(model="m"),
        (stored,),
        instead=lambda: (extracted,),
    )
    items = [item async for item in stage(draft, FakeSystem(hits=[stored]))]
    last = items[-1]
    assert isinstance(last, Answer)
    assert last.text == "".join(item.text for item in items if isinstance(item, Piece))
    assert last.text == f"{before}Ask your manager first. [1]"
    assert last.degraded == "quotes_failed"
    assert [last.text[c.claim.start : c.claim.end] for c in last.citations] == ["Ask your manager first."]
