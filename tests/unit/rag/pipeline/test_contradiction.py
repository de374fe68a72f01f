import pytest

from rag.models.scripted import connect
from rag.settings import Settings
from rag.types import Answer, Hit
from tests.unit.rag.pipeline.fakes import FakeSystem, ask

pytestmark = pytest.mark.anyio
STANDARD = "A lost or stolen laptop must be reported to the service desk within 24 hours."
GUIDE = "Valid from 12 May 2026.\n\nReport a lost or stolen device within 4 hours of noticing it."
QUESTION = "A laptop was stolen. Within how many hours must it be reported?"


def hit(text: str, name: str) -> Hit:
    return Hit(name, name, f"{name}.md", name.title(), None, "", 0, len(text), text, 1.0)


async def answer(model: str = "", *, guide: str = GUIDE) -> Answer:
    hits = [hit(STANDARD, "standard"), hit(guide, "guide")]
    settings = Settings(first_text=0.2, deadline=5.0)
    system = FakeSystem(settings, model=connect(model, settings) if model else None, hits=hits)
    return await ask(system, QUESTION)


async def test_without_a_model_both_documents_are_quoted_and_the_reason_says_so() -> None:
    reply = await answer()
    assert reply.text == (
        f"Two documents disagree:\n- Standard: {STANDARD} [1]\n"
        "- Guide (2026-05-12): Report a lost or stolen device within 4 hours of noticing it. [2]"
    )
    assert (reply.status, reply.reason) == ("answered", "contradiction")
    assert [citation.document for citation in reply.citations] == ["standard", "guide"]


async def test_a_model_that_cites_one_document_does_not_hide_the_other() -> None:
    reply = await answer("honest")
    assert reply.model == "scripted:honest"
    assert {citation.document for citation in reply.citations} == {"standard", "guide"}
    assert reply.reason == "contradiction"


async def test_documents_that_agree_leave_no_reason() -> None:
    reply = await answer(guide=GUIDE.replace("4 hours", "24 hours"))
    assert reply.reason == ""
    assert "disagree" not in reply.text
