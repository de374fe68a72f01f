"""Stretches by which a copy of a text is recognised."""

import json

import numpy as np

from rag.erase import windows
from rag.erase.windows import ESCAPED, SIZE, UTF8, UTF16, VECTOR

ENGLISH = (
    'The vault code of the "quetzalbird" archive is opal-7731-marmalade.\nNobody else in the firm knows it.'
)
CHINESE = "员工入职满一年享有五天年假，蓝鲸计划的暗号是翡翠九号。"


def of(text: str, form: int) -> list[bytes]:
    found = windows.of_text(text, 0, 100)
    return [row.tobytes() for row in found.data[found.form == form]]


def test_every_window_is_a_stretch_of_the_text() -> None:
    for text in (ENGLISH, CHINESE):
        assert of(text, UTF8)
        assert all(one in text.encode() for one in of(text, UTF8))
        assert all(one in text.encode("utf-16-le") for one in of(text, UTF16))
        assert all(one in json.dumps(text).encode() for one in of(text, ESCAPED))


def test_a_copy_within_json_is_recognised_whatever_its_escapes() -> None:
    inside = json.dumps({"text": ENGLISH}, ensure_ascii=False).encode()
    assert sum(one in inside for one in of(ENGLISH, UTF8)) >= 2
    assert of(CHINESE, ESCAPED)
    assert of(ENGLISH, ESCAPED) == []  # they would be those of UTF-8


def test_the_end_of_a_line_is_covered_too() -> None:
    assert ENGLISH.encode()[-SIZE:] in of(ENGLISH, UTF8)


def test_a_long_text_leaves_no_more_windows_than_were_asked_for() -> None:
    text = "\n".join(
        f"Room {number} belongs to the department number {number * 7}." for number in range(5000)
    )
    assert 50 <= len(windows.of_text(text, 0, 100)) <= 160


def test_ruled_lines_and_short_texts_leave_nothing() -> None:
    for text in ("", "PIN 4711", "-" * 400, "\n" * 400, " | " * 100):
        assert len(windows.of_text(text, 0, 100)) == 0


def test_a_vector_leaves_a_part_that_is_not_blank() -> None:
    vector = np.zeros(256, "<f2")
    vector[100:140] = np.arange(40) / 97
    found = windows.of_vectors([vector.tobytes(), bytes(512)], 3)
    assert found.data[0].tobytes() in vector.tobytes()
    assert (found.form.tolist(), found.document.tolist()) == ([VECTOR], [3])


def test_few_are_kept_of_each_document_and_some_of_each_form() -> None:
    many = windows.together(
        [windows.of_text("".join(f"{n * k}号房间归行政部管理；" for n in range(300)), k, 100) for k in (1, 2)]
    )
    few = many.take(windows.spread(many, 24))
    for document in (1, 2):
        assert 16 <= int((few.document == document).sum()) <= 24
        assert set(few.form[few.document == document].tolist()) == {UTF8, UTF16, ESCAPED}
