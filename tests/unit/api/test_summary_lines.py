"""The closing words of an ingest: short for any number of files, and clear without a manual."""

from api.cli.states import known, next_step, wanted
from api.cli.summary import lines
from ingest.planning.estimate import Estimate
from ingest.report import Failure, Report


def failures(state: str, count: int, hint: str = "") -> list[Failure]:
    return [
        Failure(f"文件夹/{state} {n}.pdf", state, "cannot be read", hint or f"hint {n}") for n in range(count)
    ]


def test_problems_are_grouped_with_one_next_step_each() -> None:
    failed = [*failures("ocr needed", 40), *failures("password needed", 2, "give its password")]
    said = lines(Report("default", failed=failed))
    text = "\n".join(said)
    assert "failed: 40 files: ocr needed: cannot be read: 文件夹/ocr needed 0.pdf" in text
    assert "and 37 more" in text
    assert text.count("hint:") == 2
    assert "give its password" in text
    assert "kb documents --status problems" in said[-1]


def test_files_of_one_state_with_different_steps_are_told_apart() -> None:
    inner = [Failure(f"{n}.zip", "unreadable", "an archive", "unpack it") for n in range(5)]
    closed = [Failure(f"{n}.md", "unreadable", "no right", "give the right") for n in range(2)]
    said = lines(Report("default", failed=[*closed, *inner]))
    assert said[1:5] == [
        "failed: 5 files: unreadable: an archive: 0.zip, 1.zip, 2.zip and 2 more",
        "    hint: unpack it",
        "failed: 2 files: unreadable: no right: 0.md, 1.md",
        "    hint: give the right",
    ]


def test_a_single_problem_says_what_is_wrong_with_it() -> None:
    said = lines(Report("default", failed=[Failure("a.pdf", "damaged", "it ends on page 3", "save it anew")]))
    assert said[1:] == ["failed: a.pdf: damaged: it ends on page 3", "    hint: save it anew"]


def test_five_hundred_messy_files_are_told_in_thirty_lines() -> None:
    states = [state for state in known() if next_step(state)]
    report = Report(
        "default",
        new=[f"new {n}.md" for n in range(300)],
        moved=[f"moved {n}.md" for n in range(30)],
        rights=[f"r{n}" for n in range(30)],
        facts=[f"f{n}" for n in range(30)],
        missing=[f"gone {n}.md" for n in range(30)],
        skipped=[f"{n}.x{n}" for n in range(50)],
        ignored=[f"{n}.tmp" for n in range(50)],
        failed=[one for state in states[:8] for one in failures(state, 5)],
    )
    said = "\n".join(lines(report)).splitlines()
    assert len(said) <= 30


def test_a_dry_run_says_what_it_will_cost() -> None:
    report = Report("default", dry_run=True, new=["a.md"])
    report.estimate = Estimate(1, 2_000_000, 7260.0, "default", 1_234_567, None)
    said = lines(report)
    assert said[1] == "would be read (new): a.md"
    assert said[-2:] == [
        "time: about 2.0 h for 1 files, 2.0 MB (a guess: nothing was measured here yet)",
        "embedding: about 1,234,567 tokens, price unknown",
    ]
    report.estimate = Estimate(1, 2000, 1.2, "last run", 500, 0.00001)
    assert lines(report)[-2:] == [
        "time: about 1 s for 1 files, 2.0 kB (as fast as the last run)",
        "embedding: about 500 tokens, at most US$ 0.0001",
    ]


def test_removed_and_left_files_are_named() -> None:
    said = lines(Report("default", removed=[f"{n}.md" for n in range(12)], left=["kb.db"]))
    assert "removed: 0.md" in said
    assert "removed: and 2 more (--json names all)" in said
    assert "removed, but still found in: kb.db" in said


def test_problems_are_all_states_but_ok() -> None:
    assert not wanted("ok", ["problems"])
    assert wanted("expired", ["problems"])
    assert wanted("ok", [])
    assert wanted("damaged", ["ok", "damaged"])
    assert not wanted("missing", ["ok", "damaged"])


def test_every_problem_has_a_next_step_and_even_an_unknown_one() -> None:
    assert all(next_step(state) for state in known() if state not in ("ok", "problems"))
    assert next_step("of tomorrow")
    assert next_step("ok") == ""


def test_a_reason_that_all_files_of_a_group_share_is_told() -> None:
    failed = [Failure(f"{n}.zip", "unreadable", "an archive within an archive", "unpack it") for n in (1, 2)]
    assert "failed: 2 files: unreadable: an archive within an archive: 1.zip, 2.zip" in lines(
        Report("default", failed=failed)
    )
