"""Which file a run is written to."""

from pathlib import Path

import pytest

from rag.errors import BadInput
from rag.evaluate import record, resume
from rag.evaluate.alone import alone
from rag.evaluate.cases import Cases
from rag.evaluate.types import Case, Row

CASES = Cases(tuple(Case(f"q{i}", f"Q{i}", f"faq.csv:{i}") for i in range(3)))
HEADER = {
    "started": "2026-01-02T03:04:05+00:00",
    "version": "1",
    "files": ["docs/faq.csv"],
    "questions": CASES.digest,
    "count": 3,
    "change": [4, 0],
    "settings": {"limit": 8},
}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def begun(path: Path, *rows: Row) -> Path:
    record.begin(path, HEADER)
    for row in rows:
        record.append(path, row)
    return path


def rows(count: int) -> list[Row]:
    return [Row(case, status="answered") for case in CASES.cases[:count]]


def test_a_first_run_is_named_after_its_questions_and_the_time() -> None:
    found = resume.choose(None, HEADER, CASES)
    assert found.path.parent == Path("eval")
    assert found.path.match("faq-????????-??????.jsonl")
    assert not found.goes_on


def test_an_unfinished_run_goes_on() -> None:
    path = begun(Path("eval/faq-20260102-030405.jsonl"), *rows(2))
    found = resume.choose(None, HEADER, CASES)
    assert (found.path, found.goes_on, len(found.rows)) == (path, True, 2)
    assert "1 of 3 questions are left" in found.said


def test_what_failed_is_asked_again() -> None:
    path = begun(Path("run.jsonl"), *rows(2), Row(CASES.cases[2], error="timed out"))
    assert len(resume.choose(path, HEADER, CASES).rows) == 2


def test_a_finished_run_is_left_alone_unless_it_is_named() -> None:
    path = begun(Path("eval/faq-20260102-030405.jsonl"), *rows(3))
    assert resume.choose(None, HEADER, CASES).path != path
    named = resume.choose(path, HEADER, CASES)
    assert (named.goes_on, named.said) == (True, f"{path} is complete")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"questions": "x"}, "other questions"),
        ({"change": [5, 0]}, "other documents"),
        ({"version": "2"}, "another version of kb"),
        ({"settings": {"limit": 9}}, "other settings (limit)"),
    ],
)
def test_a_run_of_something_else_does_not_go_on_and_is_kept(changed: dict[str, object], why: str) -> None:
    unfinished = begun(Path("eval/faq-20260102-030405.jsonl"), *rows(1))
    found = resume.choose(None, HEADER | changed, CASES)
    assert found.path != unfinished
    assert why in found.said
    before = unfinished.read_bytes()
    found = resume.choose(unfinished, HEADER | changed, CASES)
    assert (found.path, found.goes_on) == (unfinished, False)
    assert why in found.said
    assert Path("eval/faq-20260102-030405-20260102T030405.jsonl").read_bytes() == before


def test_a_result_of_another_version_hinders_nothing() -> None:
    Path("eval").mkdir()
    Path("eval/faq-20260102-030405.jsonl").write_text('{"kb_eval": 99}\n')
    assert not resume.choose(None, HEADER, CASES).goes_on


def test_a_file_of_something_else_is_never_touched() -> None:
    Path("faq.csv").write_text("How many?,Ten\n")
    with pytest.raises(BadInput, match="no result of kb eval run"):
        resume.choose(Path("faq.csv"), HEADER, CASES)
    assert Path("faq.csv").read_text() == "How many?,Ten\n"


def test_one_run_at_a_time_writes_a_file_and_leaves_nothing_else() -> None:
    path = Path("new/run.jsonl")
    with alone(path), pytest.raises(BadInput, match=r"another run is writing new/run\.jsonl"), alone(path):
        pass
    with alone(path):
        pass
    assert list(Path("new").iterdir()) == []


def test_runs_without_a_name_hold_their_questions() -> None:
    files = [Path("docs/faq.csv")]
    assert resume.held(None, files) == Path("eval/faq")
    assert resume.held(Path("run.jsonl"), files) == Path("run.jsonl")


def test_a_place_where_no_folder_can_be_made_is_named() -> None:
    Path("faq.csv").write_text("How many?,Ten\n")
    with (
        pytest.raises(BadInput, match=r"faq\.csv/run\.jsonl cannot be written"),
        alone(Path("faq.csv/run.jsonl")),
    ):
        pass
