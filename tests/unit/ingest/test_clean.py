import pytest

from ingest.clean import plain, searchable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Annual **leave**", "Annual leave"),
        ('- see [the policy](https://x.example/a_(b) "title") today', "see the policy today"),
        ("[![build](a.svg)](b.html) ok", "build ok"),
        ("[text][ref]\n\n[ref]: https://x.example", "text"),
        ("| a | b |\n|---|:-:|\n| 1 | 2 |", "a b 1 2"),
        ("run `kb ask` now", "run kb ask now"),
        ("```python\nx = 1\n```", "x = 1"),
        ("a <br> b <!-- hidden --> c &amp; d", "a b c & d"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("snake_case and 5 * 3", "snake_case and 5 * 3"),
        ("ＫＢ ２０２６　年", "KB 2026 年"),
        ("in\u200bvis\u00adi\u2060ble\U000e0041", "invisible"),
        ("> quoted\n> again", "quoted again"),
    ],
)
def test_only_what_a_reader_sees_is_searched(text, expected):
    assert searchable(text) == expected


def test_a_heading_keeps_its_own_characters():
    assert plain("员工手册（苏州）**新**") == "员工手册（苏州）新"
