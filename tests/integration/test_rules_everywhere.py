"""Days, priority and rights of `.kb.toml` hold for answers, hits, lists and FAQ entries alike."""

import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.app import create_app
from api.cli import run
from ingest.wall.pool import Pool
from rag import open_system
from rag.settings import Settings, load
from tests.integration.collection import Kb

pytestmark = pytest.mark.anyio
KEYS = [
    {"name": group, "sha256": hashlib.sha256(group.encode()).hexdigest(), "groups": [group]}
    for group in ("staff", "board")
]
OLD, NEW = "forty-one", "seventy-three"
FAQ = "# Parking FAQ\n\n## How many parking places does the garage have?\n\nThe garage has {} places.\n"
常见问题 = "# 停车问答\n\n## 车库有多少个停车位？\n\n车库共有{}个停车位。\n"
QUESTIONS = ["How many parking places does the garage have?", "车库有多少个停车位？"]
PLAIN = "# Garage\n\nThe garage has {} parking places for the staff of the house.\n"
PATHS = ("/v1/ask", "/v1/search")


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(Settings(embedder="hashing", workers=1)) as made:
        yield made


@pytest.fixture
async def kb(tmp_path: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Kb]:
    monkeypatch.setenv("KB_EMBEDDER", "hashing")
    monkeypatch.setenv("KB_KEYS", json.dumps(KEYS))
    system = open_system(load())
    (tmp_path / "docs").mkdir()
    yield Kb(system, pool, tmp_path / "docs")
    await system.close()


async def told(kb: Kb, group: str, path: str, question: str = "") -> str:
    """All that a reader of this group is sent, in one text."""
    transport = httpx2.ASGITransport(app=create_app(kb.system))
    headers = {"Authorization": f"Bearer {group}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://kb", headers=headers) as client:
        body: dict[str, Any] = {"json": {"question": question}} if question else {}
        answer = await client.request("POST" if question else "GET", path, **body)
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.json(), ensure_ascii=False)


@pytest.mark.parametrize("question", QUESTIONS)
async def test_an_expired_faq_entry_does_not_answer_beside_a_current_document(kb: Kb, question: str) -> None:
    kb.put("old/faq.md", FAQ.format(OLD) + 常见问题.format(OLD))
    kb.put("new/garage.md", PLAIN.format(NEW) + f"\n# 车库\n\n车库共有{NEW}个停车位，供员工使用。\n")
    kb.put("old/.kb.toml", "valid_until = 2020-12-31\n")
    await kb.ingest()
    for path in PATHS:
        said = await told(kb, "staff", path, question)
        assert NEW in said
        assert OLD not in said


@pytest.mark.parametrize("question", QUESTIONS)
async def test_who_may_not_read_an_expired_document_never_learns_its_name(kb: Kb, question: str) -> None:
    kb.put("old/密-secret.md", FAQ.format(OLD) + 常见问题.format(OLD))
    kb.put("canteen.md", "# Canteen\n\nLunch is served from noon. 食堂中午开饭。\n")
    kb.put("old/.kb.toml", 'valid_until = 2020-12-31\nallow = ["board"]\n')
    await kb.ingest()
    assert "密-secret.md" in await told(kb, "board", "/v1/ask", question)
    for path in PATHS:
        said = await told(kb, "staff", path, question)
        assert [word for word in ("secret", OLD, "Parking", "停车问答", "2020") if word in said] == []
    assert "secret" not in await told(kb, "staff", "/v1/documents")
    assert "secret" in await told(kb, "board", "/v1/documents")


@pytest.mark.parametrize("question", QUESTIONS)
async def test_an_faq_entry_answers_only_those_who_may_read_it(kb: Kb, question: str) -> None:
    kb.put("board/faq.md", FAQ.format(OLD) + 常见问题.format(OLD))
    kb.put("board/.kb.toml", 'allow = ["board"]\n')
    await kb.ingest()
    for path in PATHS:
        assert OLD in await told(kb, "board", path, question)
        assert OLD not in await told(kb, "staff", path, question)


@pytest.mark.parametrize("question", QUESTIONS)
async def test_of_two_equal_faq_entries_the_one_with_the_higher_priority_answers(
    kb: Kb, question: str
) -> None:
    for name in ("a", "b"):
        kb.put(f"{name}/faq.md", FAQ.format(OLD) + 常见问题.format(OLD))
    for low, high in (("a", "b"), ("b", "a")):
        kb.put(f"{high}/.kb.toml", "priority = 5\n")
        kb.put(f"{low}/.kb.toml", "priority = -5\n")
        await kb.ingest()
        answer = await kb.system.ask(question)
        assert [one.source for one in answer.citations][:1] == [f"{high}/faq.md"]
        assert (await kb.sources(question, "staff"))[0] == f"{high}/faq.md"


async def test_the_command_line_says_the_same(
    kb: Kb, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from anyio.to_thread import run_sync

    kb.put("old/faq.md", FAQ.format(OLD))
    kb.put("old/.kb.toml", "valid_until = 2020-12-31\n")
    await kb.ingest()
    assert await run_sync(run, ["ask", QUESTIONS[0]]) == 1
    assert "old/faq.md" in (said := capsys.readouterr().out)
    assert "expired on 2020-12-31" in said
    assert OLD not in said
    assert await run_sync(run, ["search", QUESTIONS[0]]) == 1
    assert OLD not in capsys.readouterr().out
