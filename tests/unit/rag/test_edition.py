import pytest

from rag.edition import current, dated
from rag.pack import Passage
from rag.types import Hit, Language


def passage(whole: str, source: str = "a.md", *, collection: str = "c", updated: float = 0.0) -> Passage:
    hit = Hit(
        source, source, source, "Title", None, "", 0, len(whole), whole, 1.0, collection, updated=updated
    )
    return Passage(hit, whole)


@pytest.mark.parametrize(
    ("whole", "source", "date"),
    [
        ("# Guide\nVersion 4.1, valid from 12 May 2026. For all.", "a.md", "2026-05-12"),
        ("Edition of April 2026, for firmware 3.3.", "a.md", "2026-04"),
        ("人事行政部\n2026 年 7 月修订", "a.md", "2026-07"),
        ("The company was founded in May 2009.", "a.md", "updated 2026-11-21"),
        ("Founded long ago.", "policy-2025.md", "2025"),
    ],
)
def test_a_document_says_its_date_or_its_name_or_its_file_does(whole: str, source: str, date: str) -> None:
    assert dated(passage(whole, source, updated=1_795_269_151), "en") == date


@pytest.mark.parametrize(("language", "date"), [("en", "updated 2026-11-21"), ("zh", "更新于 2026-11-21")])
def test_the_date_of_a_file_is_said_to_be_one(language: Language, date: str) -> None:
    assert dated(passage("", updated=1_795_269_151), language) == date
    assert dated(passage(""), language) == ""


def sources(question: str, *names: str, collection: str = "c") -> list[str]:
    found = [passage("", name, collection=collection) for name in names]
    return [kept.hit.source for kept in current(found, question)]


def test_the_newest_edition_counts_unless_another_year_is_asked_for() -> None:
    names = ("p/travel-2025.md", "p/travel-2026.md", "p/other.md")
    assert sources("How much?", *names) == ["p/travel-2026.md", "p/other.md"]
    assert sources("How much in 2025?", *names) == ["p/travel-2025.md", "p/other.md"]
    assert sources("How much in 2019?", *names) == ["p/travel-2026.md", "p/other.md"]
    assert sources("2025 年和 2026 年各多少？", *names) == list(names)


def test_an_edition_of_another_collection_replaces_nothing() -> None:
    old, new = passage("", "t-2025.md", collection="a"), passage("", "t-2026.md", collection="b")
    assert current([old, new], "How much?") == [old, new]
