"""A company's folder as it really is: every file is accounted for, once, and the good ones answer."""

import os
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from api.cli.summary import lines
from bench.messy import build
from ingest.report import Report
from ingest.run import Order, ingest
from ingest.wall.pool import Pool
from rag import open_system
from rag.settings import Settings, load
from rag.system import System
from rag.types import Answer

pytestmark = pytest.mark.anyio
FILES = 120
OWN = {".kbignore", ".kb.toml"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("messy") / "公司 files"
    build(found, FILES)
    (found / ".kbignore").write_text("DRAFT*\n", "utf-8")
    with zipfile.ZipFile(found / "存档.zip", "w") as archive:
        archive.writestr("合同/付款.md", "# 付款\n\n发票在三十天内付清。\n")
        archive.writestr("inner.zip", b"PK\x05\x06" + bytes(18))
    return found


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(Settings(embedder="hashing", workers=1, ocr="off")) as made:
        yield made


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    made = open_system(load(home=tmp_path / "home", embedder="hashing", ocr="off"))
    yield made
    await made.close()


async def test_every_file_is_accounted_for_and_read_once_and_answers(
    system: System, pool: Pool, folder: Path
) -> None:
    order = Order(folder, "default")
    first = await ingest(system, order, pool=pool)
    assert counted(first) == there(folder)
    assert min(len(first.skipped), len(first.ignored), len(first.failed), len(first.copies)) > 0
    assert (first.hidden, first.links) == passed_over(folder)

    again = await ingest(system, order, pool=pool)
    assert (again.new, again.changed, again.moved, again.bytes, again.chunks) == ([], [], [], 0, 0)
    assert again.unchanged == len(first.new)
    assert again.failed == first.failed
    assert again.copies == first.copies
    assert counted(again) == counted(first)

    english = await system.ask("How many days of annual leave does the handbook give?")
    chinese = await system.ask("发票在多少天内付清？")
    assert [answer.status for answer in (english, chinese)] == ["answered", "answered"]
    assert sources(chinese) == ["存档.zip/合同/付款.md"]


async def test_a_dry_run_accounts_for_the_same_files(system: System, folder: Path) -> None:
    report = await ingest(system, Order(folder, "default", dry_run=True))
    assert counted(report) == there(folder)
    assert (report.hidden, report.links) == passed_over(folder)


def test_the_summary_says_what_the_figures_hold_twice_or_not_at_all() -> None:
    report = Report("default", new=["a.md", "b.md", "c.md"], copies=["b.md"], archives=2, hidden=3)
    said = "\n".join(lines(report))
    assert "1 file is an exact copy of another: b.md" in said
    assert "opened: 2 zip" in said
    assert "not counted: 3 hidden" in said
    assert "links" not in said
    assert "copies of others: b.md, c.md" in "\n".join(lines(Report("default", copies=["b.md", "c.md"])))


def counted(report: Report) -> int:
    """Files of which the report says what became of them."""
    lists = (report.new, report.changed, report.moved, report.skipped, report.ignored, report.failed)
    return report.unchanged + sum(map(len, lists))


def there(folder: Path) -> int:
    """Visible files, counted without kb: an ordinary zip is its members."""
    count = 0
    for path in visible(folder):
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                count += sum(not member.is_dir() for member in archive.infolist())
        else:
            count += 1
    return count


def visible(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith((".", "~$")) and not (Path(place) / name).is_symlink():
                yield Path(place) / name


def passed_over(folder: Path) -> tuple[int, int]:
    """Hidden files and folders, a folder once; links."""
    hidden = links = 0
    for place, folders, names in os.walk(folder):
        said = [name for name in folders + names if name.startswith((".", "~$")) and name not in OWN]
        hidden += len(said)
        links += sum((Path(place) / name).is_symlink() for name in names if name not in said)
        folders[:] = [name for name in folders if not name.startswith(".")]
    return hidden, links


def sources(answer: Answer) -> list[str]:
    return [citation.source for citation in answer.citations]
