"""How alike two texts are, and the files that are made for comparing."""

from bench.readers import made
from bench.readers.similarity import likeness, units


def test_words_and_characters_are_the_units():
    assert units("The T20, 年假") == ["the", "t20", "年", "假"]


def test_a_word_divided_at_a_line_end_is_one_word():
    assert units("a docu-\nment, e-mail") == ["a", "document", "e", "mail"]


def test_equal_words_in_another_order_are_alike_in_words_only():
    found = likeness(units("one two three four"), units("three four one two"))
    assert found.words == 1
    assert found.order == 0.5


def test_lost_and_added_words_are_counted():
    found = likeness(units("one two"), units("one three four"))
    assert (found.missing, found.more) == (2, 1)
    assert found.words == 2 * 1 / 5


def test_two_empty_texts_are_alike():
    assert likeness([], []).words == 1


def test_the_made_files_are_there_and_hold_their_sources(tmp_path):
    paths = made.make(tmp_path)
    assert [path.suffix for path in paths].count(".pdf") == 10
    assert len(paths) == 14
    assert all(path.stat().st_size > 1_000 for path in paths)


def test_a_long_word_is_divided_only_where_the_line_ends():
    lines = list(made._hyphenated("short words and considerations follow", 24))
    assert "".join(
        line.removesuffix("-") if line.endswith("-") else line + " " for line in lines
    ).split() == ("short words and considerations follow".split())
    assert all(len(line) <= 24 for line in lines)
