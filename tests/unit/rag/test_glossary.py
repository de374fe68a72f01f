"""Questions in the other language's words."""

import unicodedata
from importlib.resources import files
from pathlib import Path

import pytest

from rag import glossary
from rag.catalog import sketch
from rag.catalog.sketch import Sketch
from rag.errors import BadInput, ConfigError
from rag.features import extract
from rag.words import is_cjk, runs, words

LINES = (files("rag") / "glossaries" / "zh_en.tsv").read_text("utf-8").splitlines()
PAIRS = [line.split("\t") for line in LINES]


def holding(*passages: str) -> Sketch:
    """The sketch of a tenant with these passages."""
    return sketch.empty().changed([extract(text) for text in passages], [])


def own(folder: Path, text: str) -> glossary.Glossary:
    path = folder / "own.tsv"
    path.write_text(text, "utf-8")
    return glossary.load([path])


def test_a_chinese_question_becomes_english_words() -> None:
    assert glossary.translate("年假可以结转吗？").startswith("annual leave holiday")
    assert "carry over" in glossary.translate("年假可以结转吗？")


def test_an_english_question_becomes_chinese_words() -> None:
    found = glossary.translate("How many days of annual leave may I carry over?").split()
    assert {"年假", "结转"} <= set(found)


def test_the_longest_term_wins() -> None:
    assert "holiday" not in glossary.translate("病假工资")
    assert glossary.translate("病假工资") == "sick pay"
    assert glossary.translate("sick pay") == "病假工资"


@pytest.mark.parametrize("said", ["reimburse", "reimbursed", "Reimbursement"])
def test_every_form_of_an_english_word_is_found(said: str) -> None:
    assert "报销" in glossary.translate(said)


def test_a_phrase_keeps_its_small_words() -> None:
    assert "提交" not in glossary.translate("my hand")
    assert "交" in glossary.translate("hand in the form").split()


def test_names_and_numbers_stay_as_they_are() -> None:
    assert {"T60", "390", "price"} <= set(glossary.translate("T60 售价 390 吗").split())
    assert {"Brindlemoor", "429", "错误"} <= set(glossary.translate("Brindlemoor error 429").split())


def test_english_words_in_a_chinese_question_are_not_turned_into_chinese() -> None:
    assert glossary.translate("VPN 断线") == "VPN disconnect offline"


@pytest.mark.parametrize("text", ["", "？！", "Zorblax 9000", "唧唧", "is it the"])
def test_a_question_without_a_known_term_gives_nothing(text: str) -> None:
    assert glossary.translate(text) == ""


def test_full_width_letters_and_digits_are_read() -> None:
    assert glossary.translate("Ｔ６０ 价格") == glossary.translate("T60 价格")


def test_words_that_the_documents_use_are_preferred() -> None:
    documents = holding("Vacation is 27 days a year.")
    assert glossary.translate("假期", documents) == "vacation"


def test_documents_that_hold_fewer_than_half_of_the_terms_get_no_translation() -> None:
    assert glossary.translate("年假和病假", holding("苏州的年假是十天。")) == ""
    assert glossary.translate("年假和病假", holding("annual leave")) != ""


def test_an_owners_term_stands_before_ours(tmp_path: Path) -> None:
    found = own(tmp_path, "# ours\n\n燕鸥\tTern\n假期\tannual break; recess\n放年假\tannual leave\n")
    assert found.translate("燕鸥") == "Tern"
    assert found.translate("假期") == "annual break recess"
    assert found.translate("annual leave").split()[0] == "放年假"
    assert found.translate("病假") == glossary.translate("病假")


@pytest.mark.parametrize(
    "line", ["年假", "年假\t", "年假\t ; ", "leave\t年假", "年 假\tleave", "U盘\tstick", "年假\ta\tb"]
)
def test_a_broken_line_is_named_with_what_was_expected(tmp_path: Path, line: str) -> None:
    with pytest.raises(BadInput, match=r"own\.tsv, line 2: expected a Chinese term"):
        own(tmp_path, f"病假\tsick leave\n{line}\n")


def test_a_glossary_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "picture.tsv").write_bytes(b"\x89PNG\0\0\1\2")
    for name in ("missing.tsv", "picture.tsv"):
        with pytest.raises(ConfigError, match=name):
            glossary.load([tmp_path / name])


def test_a_glossary_in_an_older_chinese_encoding_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.tsv"
    path.write_bytes("燕鸥记录仪\tTern logger\n公司的产品和服务\tproducts and services\n".encode("gb18030"))
    assert glossary.load([path]).translate("燕鸥记录仪") == "Tern logger"


def test_each_line_is_a_chinese_term_and_its_english() -> None:
    assert [line for line in LINES if line != unicodedata.normalize("NFC", line)] == []
    assert [pair for pair in PAIRS if len(pair) != 2] == []
    assert [key for key, _ in PAIRS if runs(key) != [key] or not is_cjk(key)] == []
    assert [key for key, _ in PAIRS if not words(key)] == []


def test_no_term_stands_twice() -> None:
    keys = [key for key, _ in PAIRS]
    assert len(keys) == len(set(keys))


def test_english_is_written_plainly() -> None:
    said = {key: english.split("; ") for key, english in PAIRS}
    assert {key for key, some in said.items() if len(some) != len(set(some))} == set()
    assert {key for key, some in said.items() if not all(runs(one) for one in some)} == set()
    assert {key for key, some in said.items() if any(one != " ".join(one.split()) for one in some)} == set()
    assert {key for key, some in said.items() if any(";" in one or is_cjk(one) for one in some)} == set()


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("年假可以结转吗？", 1.0, 1.0),
        ("How many days of annual leave may I carry over?", 1.0, 1.0),
        ("T60 2026", 1.0, 1.0),  # names are the same in both
        ("我在公司嗷嗷嗷嗷嗷嗷，年假？", 0.2, 0.6),
        ("Do quokkas gallivant about the annual leave?", 0.3, 0.6),
    ],
)
def test_what_is_not_translated_of_a_question_is_known(text: str, least: float, most: float) -> None:
    assert least <= glossary.builtin().known(text) <= most


def test_a_translation_comes_with_its_share_of_the_question() -> None:
    said, share = glossary.builtin().said("年假嗷嗷？", holding("Annual leave and holiday."))
    assert said.startswith("annual leave")
    assert share == 0.5
    assert glossary.builtin().said("嗷嗷？", holding("Leave.")) == ("", 0.0)
