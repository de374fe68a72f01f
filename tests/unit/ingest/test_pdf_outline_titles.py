"""Titles of a PDF's outline are found where its pages print them."""

import pytest

from ingest.formats.pdf.headings import by_outline


@pytest.mark.parametrize(
    "printed",
    ["Leave and travel", "  LEAVE  and\ntravel", "1.2 Leave and travel", "IV. Leave\nand travel"],
)
def test_a_title_is_found_whatever_its_blanks_letters_and_number(printed):
    text = f"Preface.\n\n{printed}\nFifteen days."
    (found,) = by_outline(text, [(0, 1, "Leave and travel")], [0, len(text)])
    assert (found.start, found.text) == (10, "Leave and travel")


def test_a_title_does_not_begin_within_words_that_only_share_its_letters():
    text = "The caste system\nThe Castes\n休 假\n病假"
    titles = [(0, 1, "The Castes"), (0, 1, "休 假"), (0, 1, "病假"), (0, 1, "出差")]
    assert [text[each.start :].split("\n")[0] for each in by_outline(text, titles, [0, len(text)])] == [
        "The Castes",
        "休 假",
        "病假",
    ]


def test_titles_are_found_in_order_and_on_their_page():
    text = "Scope\n\nScope\nScope"
    found = by_outline(
        text, [(0, 1, "Scope"), (1, 1, "Scope"), (1, 2, "Scope"), (1, 2, "Scope")], [0, 7, len(text)]
    )
    assert [each.start for each in found] == [0, 7, 13]
