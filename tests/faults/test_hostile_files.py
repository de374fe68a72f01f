"""Hostile files through the real children, a few of each kind; `make attack` runs them all."""

import pytest

from bench import fuzz, hostile, trees
from tests.hostile import bombs, hidden

BOMBS = (
    "ratio.zip",
    "leading-out.zip",
    "overlapping",
    "parts-without-end.docx",
    "laughs",
    "outside.pptx",
    "far-cell.xlsx",
    "page-tree-loop.pdf",
    "unicode-map.pdf",
    "loop.doc",
    "gigapixel.png",
    "deep.json",
    "aliases.yaml",
)
HIDDEN = ("display", "same-colours", "dark", "vanish", "white.pptx", "hidden-row", "mode-3", "mail.eml")


def test_there_are_bombs_and_hidden_texts_enough() -> None:
    assert len({bomb.name for bomb in bombs()}) == len(bombs()) >= 60
    assert len({one.name for one in hidden()}) == len(hidden()) >= 40


def test_hostile_files_are_reported_and_the_run_goes_on() -> None:
    found = hostile.main([*BOMBS, *HIDDEN], with_shared=False)
    made = found["bombs"]
    assert made["files"] >= len(BOMBS)  # type: ignore[index]
    for wrong in ("too_slow", "grew_too_much", "not_reported", "crashed"):
        assert made[wrong] == [], wrong  # type: ignore[index]
    covered = found["hidden"]
    assert covered["files"] >= len(HIDDEN)  # type: ignore[index]
    assert (covered["in_the_index"], covered["visible_lost_in"], covered["unread"]) == ([], [], [])  # type: ignore[index]
    assert found["run_went_on"] is True


@pytest.mark.usefixtures("shared_data")
def test_damaged_files_end_as_results_or_as_failures_that_say_what_to_do() -> None:
    found = fuzz.main(10, ("markdown", "html", "docx", "xlsx", "pdf", "csv", "json"))
    assert found["mutations"] == 70
    assert (found["escapes"], found["hangs"], found["exceptions_of_the_run"]) == (0, 0, [])


def test_nothing_outside_a_hostile_folder_is_read() -> None:
    found = trees.main(40)
    assert found["races"] == 40
    assert found["bytes_read_from_outside"] == 0
    assert found["trees_that_leaked"] == found["trees_whose_good_file_was_lost"] == []
    assert found["trees"] + len(found["trees_skipped"]) >= 30  # type: ignore[arg-type, operator]
