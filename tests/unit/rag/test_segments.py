import pytest

from rag.segments import LONGEST, Segments

TEXT = (
    "Hello there [1]. E.g. this is 3.5 days. [2][3] Next one!\n- item one [1]\n- item two. [2]\n"
    "```py\na.b\nc. D\n```\n第一句。【1】第二句？好 Done"
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 500])
def test_sentences_come_whole_with_their_markers_however_the_text_is_cut(size: int) -> None:
    segments = Segments()
    found = [s for i in range(0, len(TEXT), size) for s in segments.feed(TEXT[i : i + size])]
    found += segments.finish()
    assert "".join(found) == TEXT
    assert [s.strip() for s in found if s.strip()] == [
        "Hello there [1].",
        "E.g. this is 3.5 days. [2][3]",
        "Next one!",
        "- item one [1]",
        "- item two. [2]",
        "```py\na.b\nc. D\n```",
        "第一句。【1】",
        "第二句？",
        "好 Done",
    ]


def test_a_text_without_any_end_is_cut_all_the_same() -> None:
    found = list(Segments().feed("word " * 1000))
    assert found
    assert all(len(segment) <= LONGEST for segment in found)
