import re
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.gate import Gate, GateClosed, Guarded, clean, markup, values, wall

CARD = "6250 9410 0652 8599"
ID_CARD = "110101190003078880"
IBAN = "GB33 BUKB 2020 1555 5555 55"
PARTS = st.sampled_from(
    [
        *(
            "a",
            " ",
            "\n",
            "!",
            "[",
            "]",
            "(",
            ")",
            "<",
            ">",
            "1",
            "4",
            ":",
            "/",
            ".",
            "-",
            '"',
            "&",
            ";",
            "\\",
        ),
        *("[1]", "[7]", "【1】", "[^1]", "[a](", "](b)", "![", "[x][1]", "[1]: http://evil.example/d\n"),
        *(
            "<b>",
            "<img src=x onerror=y>",
            "</script>",
            "<!-- c -->",
            "<me@evil.example>",
            "<http://evil.example/>",
        ),
        *(
            "http://evil.example/x?y=1",
            "www.evil.example",
            "evil.example/path",
            "javascript:alert(1)",
            "data:x/y",
        ),
        *(
            "&lt;",
            "&#104;ttp",
            "&amp;",
            "&colon;",
            "\x1b[31m",
            "\x1b]0;t\x07",
            "\u202e",
            "\u200b",
            "\u200d",
            "👩",
            "\r",
        ),
        *(CARD, ID_CARD, "11010119900307888X", IBAN, "sk-abcdefghijklmnopqrstu", "AKIA0123456789ABCDEF"),
        *(
            "password: Tern-2026!",
            "api key",
            " is ",
            "密",
            "码：abc123xyz",
            "token",
            "文字",
            "。",
            "the quick ",
        ),
        *("-----BEGIN RSA PRIVATE KEY-----", "\nMIIEabcdabcdabcdabcdabcd\n", "-----END RSA PRIVATE KEY-----"),
    ]
)


def passed(pieces: list[str], known: tuple[int, ...] = (1,)) -> str:
    gate = Gate()
    for number in known:
        gate.know(number)
    return "".join(gate.feed(piece) for piece in pieces) + gate.finish()


def cut(text: str, places: list[int]) -> list[str]:
    ends = sorted({place % (len(text) + 1) for place in places} | {0, len(text)})
    return [text[a:b] for a, b in pairwise(ends)] or [text]


@given(st.lists(PARTS, max_size=30).map("".join), st.lists(st.integers(0, 5000), max_size=8))
@example("[x][1]", [5])
@example("密码：abc123xyz, ", [1])
@settings(max_examples=300, deadline=None)
def test_any_split_of_a_text_gives_the_same_output(text: str, places: list[int]) -> None:
    whole = passed([text])
    assert passed(cut(text, places)) == whole
    assert passed(list(text)) == whole


@pytest.mark.parametrize("before", ["", "İ", "ı", "ſ"])  # letters that `re.IGNORECASE` takes for ASCII ones
def test_a_bank_account_is_recognised_in_pieces_after_any_letter(before: str) -> None:
    whole = passed([f"{before}{IBAN}."])
    assert whole == f"{before}[bank account]."
    assert passed(list(f"{before}{IBAN}.")) == whole


@pytest.mark.parametrize("keyword", ["paſſword", "ſecret", "apı key"])
def test_a_password_is_recognised_after_a_keyword_in_odd_letters(keyword: str) -> None:
    assert passed(list(f"{keyword}: hunter2x9 ")) == f"{keyword}: [secret] "


@given(st.lists(PARTS, max_size=30).map("".join))
@settings(max_examples=200, deadline=None)
def test_nothing_that_a_reader_could_fetch_or_run_leaves(text: str) -> None:
    left = passed([text])
    assert "](" not in left
    assert not re.search(r"evil\.example/\w", left)
    assert "://" not in left
    assert "\x1b" not in left
    assert not any(f"<{tag}" in left for tag in ("img", "b>", "/script", "!--"))
    assert not any(hidden in left for hidden in ("\u202e", "\u200b", "[7]", "【1】"))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("see [the policy](https://evil.example/?q=1) now", "see the policy now"),
        ("see [the policy][p] now", "see the policy now"),
        ("a ![chart](https://evil.example/p.png) b", "a  b"),
        ("[![a](b)](https://evil.example/x)", "[  "),
        ("<https://evil.example/x> and https://evil.example/y.", "[link]  and [link]."),
        ("www.evil.example or evil.example/path, or evil.example", "[link] or [link], or evil.example"),
        ("&#104;ttps&colon;//evil.example/x", "[link]"),
        ("h\u200bttps://evil.example/x", "[link]"),
        ("[1]: https://evil.example/x", "[1] : [link]"),
        ("<script>alert(1)</script> &lt;img src=x&gt; &amp;lt;b&amp;gt;", " alert(1)   ".strip()),
        ("<<b>img src=x onerror=y>", "‹ img src=x onerror=y>"),
        ("[a]<b></b>(/api/delete)", "[a] (/api/delete)"),
        ("请打开https://evil.example/x查看", "请打开[link]查看"),
    ],
)
def test_links_images_and_html_go_and_their_text_stays(text: str, left: str) -> None:
    assert passed([text]).strip() == left.strip()


@pytest.mark.parametrize(
    "text",
    [
        "x < 5 and y > 3, <5 % of 10",
        "- a list\n- of items\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = a[i] + 1\n```",
        "README.md, node.js, and/or, e.g./i.e., 24/7, 3.3/v3.4, docs/setup.md",
        "Mail travel@brindlemoor.example or call 0113 496 0142, +86 512 6288 0142.",
        "Password: must be 12 characters. 密码至少十二位。The token is required.",
        "¥1,480.00 on 2026-01-01 at 22:00; ISO 27001:2022; order 2026010112345",
        "👨‍👩‍👧 ❤️ می‌خواهم क्‍ष 家庭",
    ],
)
def test_business_text_passes_unchanged(text: str) -> None:
    assert passed([text]) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"card {CARD}.", "card [bank card]."),
        (f"card {CARD.replace(' ', '-')} 12/27", "card [bank card] 12/27"),
        (f"id {ID_CARD} and 11010119900307888X", None),
        (f"IBAN {IBAN}, thanks", "IBAN [bank account], thanks"),
        ("key sk-brdl-9ceyjLXpi7pe6BxfyXBYlyjYDBVX8mJo", "key [secret]"),
        ("AKIA0123456789ABCDEF xoxb-1234567890-abc", "[secret] [secret]"),
        ("The Wi-Fi password is Brindle2026.", "The Wi-Fi password is [secret]."),
        ("口令：abc123xyz", "口令：[secret]"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEabcdabcdabcdabcdabcd\n-----END PRIVATE KEY-----", "[private key]"),
        ("4111<b>1111</b>11111111", "[bank card]"),
    ],
)
def test_private_numbers_and_secrets_are_named_not_shown(text: str, left: str | None) -> None:
    result = passed([text])
    if left is not None:
        assert result == left
    assert ID_CARD not in result
    assert not any(secret in result for secret in (CARD, "sk-brdl", "Brindle2026", "MIIE"))


def test_a_number_with_a_wrong_check_digit_stays() -> None:
    assert (
        passed(["6250 9410 0652 8598 and 110101190003078881"]) == "6250 9410 0652 8598 and 110101190003078881"
    )


def test_only_citation_numbers_of_ours_stay() -> None:
    assert passed(["yes [1][2] 【1】 [^1] [1](x) [٣]"]) == "yes [1] (2) (1) (1) 1 (٣)"


def test_terminal_codes_and_direction_marks_go() -> None:
    assert clean("\x1b[2Jred\x1b[0m \x1b]0;title\x07\u202egnp\u202c a\x00b\r\nc") == "red gnp ab\nc"


def test_a_placeholder_never_becomes_a_link() -> None:
    assert "](" not in passed([f"{CARD}(/evil) https://evil.example(/x) {CARD}[a](b)"])


def test_places_are_found_again_after_the_gate() -> None:
    gate = Gate()
    gate.know(1)
    before = f"Pay {CARD} <b>now</b> [here](x). Then rest."
    after = gate.feed(before) + gate.finish()
    start, end = gate.moved([before.index("Then"), before.index("rest") + 4])
    assert after[start:end] == "Then rest"


@pytest.mark.parametrize("part", [markup, values])
def test_a_fault_inside_lets_nothing_pass_and_closes_the_gate(
    part: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    gate = Gate()
    for one in gate._passes[1:]:
        monkeypatch.setattr(one, "_find", broken)
    with pytest.raises(GateClosed):
        gate.feed("text with a secret sk-abcdefghijklmnopqrstu. ")
    with pytest.raises(GateClosed):
        gate.finish()


def test_the_gate_does_not_open_again_after_its_end() -> None:
    gate = Gate()
    gate.finish()
    with pytest.raises(GateClosed):
        gate.feed("more")


def test_a_guarded_prompt_closes_the_gate() -> None:
    gate = Gate(Guarded("You answer questions of the staff from passages of the company's own documents."))
    with pytest.raises(wall.GateClosed):
        gate.feed("I answer questions of the staff from passages of the company's own documents")


@pytest.mark.parametrize(
    "evil", ["[", "<", "](", "[a](", "<a ", "1 ", "&amp;", "password ", "://", "-----BEGIN PRIVATE KEY-----"]
)
def test_a_hostile_text_costs_time_in_proportion_to_its_length(evil: str) -> None:
    import time

    def spent(size: int) -> float:
        """The least of three: what else runs on the machine only adds."""
        text, took = (evil * size)[:size], []
        for _ in range(3):
            began = time.process_time()
            clean(text)
            took.append(time.process_time() - began)
        return min(took)

    assert spent(40_000) < 40 * spent(4000) + 0.2


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("See ![chart](x y", "See [chart "),
        ("a ![ b", "a [ b"),
        ("[a]![b", "[a] [b"),
        ("if (![1, 2].has(x))", "if (![1, 2].has(x))"),
    ],
)
def test_an_image_that_is_not_whole_loses_its_mark(text: str, left: str) -> None:
    assert clean(text) == left
