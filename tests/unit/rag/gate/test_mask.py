from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.gate import mask, mask_hit
from rag.gate.mask import BLOCK
from rag.types import Hit, Span

TEXTS = st.lists(
    st.sampled_from(
        [
            *(
                "word ",
                "[1]",
                "[a](http://evil.example/x)",
                "![i](p.png)",
                "<b>",
                "x<y ",
                "\x1b[0m",
                "\u200b",
                "&amp;",
            ),
            *(
                "&lt;i&gt;",
                "6250 9410 0652 8599",
                "sk-abcdefghijklmnopqrstu",
                "文字。",
                "\n",
                "www.evil.example",
                "[x]: ",
            ),
        ]
    ),
    max_size=20,
).map("".join)


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_a_masked_text_keeps_its_length_and_all_that_was_not_hidden(text: str) -> None:
    shown, spans = mask(text)
    assert len(shown) == len(text)
    hidden = {i for span in spans for i in range(span.start, span.end)}
    for i, (now, then) in enumerate(zip(shown, text, strict=True)):
        assert now == (then if i not in hidden or then == "\n" else BLOCK)
    assert all(a.end < b.start for a, b in pairwise(spans))


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_a_masked_text_holds_nothing_more_to_hide(text: str) -> None:
    shown, _ = mask(text)
    assert "evil.example/" not in shown
    assert "sk-abc" not in shown
    assert "\x1b" not in shown


def test_a_text_without_secrets_is_the_same_object() -> None:
    text = "Trains are second class [1], see docs/setup.md < 5."
    assert mask(text) == (text, ())


def test_only_the_secret_part_is_blocked() -> None:
    shown, spans = mask("id 110101190003078880, [text](http://evil.example/x) end")
    assert shown == f"id {BLOCK * 18}, [text]{BLOCK * 23} end"
    assert spans == (Span(3, 21), Span(29, 52))


@pytest.mark.parametrize("text", ["line one\n<!-- a\nb -->\nline two"])
def test_line_ends_stay_so_that_lines_can_be_counted(text: str) -> None:
    assert mask(text)[0].count("\n") == text.count("\n")


def test_a_hit_is_masked_in_its_text() -> None:
    hit = Hit("d", "v", "s", "t", None, "", 0, 21, "key sk-abcdefghijklmnopqrstu", 1.0)
    assert mask_hit(hit).text == "key " + BLOCK * 24


def test_a_hit_is_masked_in_its_title_heading_and_source_too() -> None:
    hit = Hit(
        "d",
        "v",
        "a\x1b\u202e\n.md",
        "![i](http://x.example/p) <b>T",
        None,
        "Card 4111 1111 1111 1111 x",
        0,
        4,
        "text",
        1.0,
    )
    shown = mask_hit(hit)
    assert shown.source == "a.md"
    assert shown.heading == f"Card {BLOCK * 19} x"
    assert "x.example" not in shown.title
    assert "<b>" not in shown.title


@pytest.mark.parametrize(
    "number",
    [
        *(
            "４１１１１１１１１１１１１１１１",
            "４１１１ １１１１ １１１１ １１１１",
            "１１０１０５１９４９１２３１００２Ｘ",
        ),
        *("4111 1111\n1111 1111", "4111111111\n111111"),
    ],
)
def test_full_width_and_broken_numbers_are_hidden(number: str) -> None:
    hidden = "".join("\n" if c == "\n" else BLOCK for c in number)
    assert mask(f"卡号{number}。") == (f"卡号{hidden}。", (Span(2, 2 + len(number)),))
