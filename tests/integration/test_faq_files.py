"""An FAQ in any of its kinds: the question that is in it is answered by its entry, whole and cited."""

import json
from pathlib import Path

import pytest

from ingest.run import Order, ingest
from rag import open_system
from rag.system import System

pytestmark = pytest.mark.anyio
ENTRIES = [
    (
        "How do I reset my VPN password?",
        "Open the portal and choose Reset. The link is valid for an hour.",
        "",
    ),
    ("Who signs contracts above 10,000 euros?", "The managing director, together with finance.", ""),
    ("年假可以结转到下一年吗？", "最多五天可以结转，须在三月底前休完。", "没休完的年假怎么办？"),
]


def as_markdown() -> str:
    headings = [f"{question} / {other}" if other else question for question, _, other in ENTRIES]
    parts = [f"## {h}\n\n{answer}\n" for h, (_, answer, _) in zip(headings, ENTRIES, strict=True)]
    return "# FAQ\n\n" + "\n".join(parts)


def as_csv() -> str:
    return "question,answer,similar\n" + "\n".join(f'"{q}","{a}","{o}"' for q, a, o in ENTRIES)


def as_json() -> str:
    rows = [{"question": q, "answer": a, "alternatives": [o] if o else []} for q, a, o in ENTRIES]
    return json.dumps(rows, ensure_ascii=False)


def as_xlsx(path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for row in [("问题", "答案", "相似问题"), *ENTRIES]:
        sheet.append(row)
    book.save(path)


@pytest.fixture(params=["faq.md", "faq.csv", "faq.json", "faq.xlsx"])
async def system(request: pytest.FixtureRequest, tmp_path: Path):
    path = tmp_path / "docs" / request.param
    path.parent.mkdir()
    texts = {"faq.md": as_markdown, "faq.csv": as_csv, "faq.json": as_json}
    if request.param in texts:
        path.write_text(texts[request.param](), "utf-8")
    else:
        as_xlsx(path)
    (path.parent / "other.md").write_text("# VPN\n\nThe VPN password has at least twelve characters.\n")
    async with open_system(home=tmp_path / "home", embedder="hashing") as system:
        report = await ingest(system, Order(path.parent, "default"))
        assert report.failed == []
        yield system


@pytest.mark.parametrize("number", range(len(ENTRIES)))
async def test_the_entry_answers_whole_and_cited(system: System, number: int) -> None:
    question, expected, _ = ENTRIES[number]
    answer = await system.ask(question)
    assert answer.status == "answered"
    assert expected.replace(" ", "") in answer.text.replace(" ", "")
    assert {citation.source.partition(".")[0] for citation in answer.citations} == {"faq"}
    assert all(citation.status == "verified" for citation in answer.citations)


async def test_another_wording_of_the_entry_answers_too(system: System) -> None:
    answer = await system.ask("没休完的年假怎么办")
    assert "最多五天可以结转" in answer.text


async def test_the_order_of_words_and_politeness_do_not_matter(system: System) -> None:
    answer = await system.ask("how can i reset the VPN password")
    assert answer.text.startswith("Open the portal")


async def test_what_no_entry_asks_goes_the_ordinary_way(system: System) -> None:
    answer = await system.ask("How many characters has the VPN password?")
    assert "twelve" in answer.text
