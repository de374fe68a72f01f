from api.cli.diff import Hunk, hunks

OLD = "# Leave\n\nThere are 20 days.\n\n# 差旅\n\n第一条\n第二条\n第三条\n第四条\n第五条\n"
NEW = OLD.replace("20 days", "25 days").replace("第五条", "第六条")


def found(old: str, new: str, *headings: tuple[int, str]) -> list[Hunk]:
    return list(hunks(old, new, headings))


def test_equal_texts_have_no_hunks() -> None:
    assert found(OLD, OLD) == []


def test_each_hunk_stands_under_its_heading() -> None:
    first, second = found(OLD, NEW)
    assert (first.heading, first.old, first.new) == ("Leave", (1, 6), (1, 6))
    assert first.lines[2:4] == ("-There are 20 days.", "+There are 25 days.")
    assert second.heading == "差旅"
    assert second.lines == (" 第二条", " 第三条", " 第四条", "-第五条", "+第六条")


def test_headings_of_chunks_serve_where_the_text_has_none() -> None:
    old, new = "one\ntwo\nthree\n", "one\ntwo\nfour\n"
    assert [hunk.heading for hunk in found(old, new, (0, "First"), (4, "Second"))] == ["Second"]
    assert [hunk.heading for hunk in found(old, new)] == [""]


def test_a_text_that_grew_from_nothing_is_one_hunk() -> None:
    (hunk,) = found("", "a\nb\n")
    assert hunk.lines == ("+a", "+b")
    (hunk,) = found("a\nb\n", "")
    assert hunk.lines == ("-a", "-b")
