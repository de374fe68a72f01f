from datetime import UTC, datetime

import pytest

from ingest.planning.rules import Patterns, Rules, parse
from rag.errors import BadInput

ALL = """
collection = "hr"
allow = ["it", "hr", "hr"]
language = "zh"
title = "{folder}: {heading}"
owner = "王敏 <min@example.com>"
valid_from = 2026-01-01
valid_until = "2026-03-31"
priority = -3
include = ["*.md"]
exclude = ["drafts/"]
max_file_mb = 5
"""


def read(text: str) -> Rules:
    return parse(text, "/docs/.kb.toml", "/docs")


def moment(*day: int) -> float:
    return datetime(*day, tzinfo=UTC).timestamp()  # type: ignore[arg-type]


def test_every_key_is_read() -> None:
    found = read(ALL)
    assert (found.collection, found.allow, found.language) == ("hr", ("hr", "it"), "zh")
    assert (found.title, found.owner) == ("{folder}: {heading}", "王敏 <min@example.com>")
    assert (found.priority, found.max_file_mb) == (-3, 5)
    assert (found.include, found.exclude) == (Patterns("/docs", ("*.md",)), Patterns("/docs", ("drafts/",)))


def test_the_last_day_still_counts() -> None:
    found = read(ALL)
    assert (found.valid_from, found.valid_until) == (moment(2026, 1, 1), moment(2026, 4, 1))


def test_everyone_opens() -> None:
    assert read('allow = ["everyone"]').allow == ()


def test_the_nearer_folder_wins_key_by_key() -> None:
    outer = read('owner = "A"\npriority = 2\nallow = ["hr"]')
    inner = read('priority = 0\nallow = ["everyone"]')
    found = inner.over(outer)
    assert (found.owner, found.priority, found.allow) == ("A", 0, ())


@pytest.mark.parametrize(
    ("line", "key", "expected"),
    [
        ('collection = "a b"', "collection", "a name of letters"),
        ("allow = []", "allow", "a list of groups"),
        ('allow = "hr"', "allow", "a list of groups"),
        ('allow = ["everyone", "hr"]', "allow", "a list of groups"),
        ('language = "de"', "language", '"en" or "zh"'),
        ('title = "headings"', "title", "a template"),
        ('title = "{author}"', "title", "a template"),
        ('title = "{heading"', "title", "a template"),
        ('title = "{heading.__class__}"', "title", "a template"),
        ('title = "{heading:>99999999}"', "title", "a template"),
        ('owner = ""', "owner", "one line"),
        ("valid_from = 2026", "valid_from", "a day such as"),
        ("valid_from = 2026-01-01T10:00:00", "valid_from", "a day such as"),
        ('valid_until = "31.3.2026"', "valid_until", "a day such as"),
        ("priority = 11", "priority", "from -10 to 10"),
        ("priority = true", "priority", "from -10 to 10"),
        ('include = ["*.md", 1]', "include", "a list of patterns"),
        ("max_file_mb = 0", "max_file_mb", "megabytes"),
    ],
)
def test_a_wrong_value_names_file_key_and_what_was_expected(line: str, key: str, expected: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(line)
    said = str(caught.value)
    assert said.startswith(f"/docs/.kb.toml: {key} must be ")
    assert expected in said
    assert "\n" not in said


def test_an_unknown_key_is_told_with_those_that_there_are() -> None:
    with pytest.raises(BadInput, match="no rule is called 'alow'") as caught:
        read('alow = ["hr"]')
    assert "allow" in caught.value.hint


def test_what_is_no_toml_is_told_with_its_place() -> None:
    with pytest.raises(BadInput, match=r"not TOML: .*line 1"):
        read("allow = hr")


def test_an_end_before_the_beginning_is_refused() -> None:
    with pytest.raises(BadInput, match="valid_until"):
        read("valid_from = 2026-02-02\nvalid_until = 2026-02-01")
    assert read("valid_from = 2026-02-02\nvalid_until = 2026-02-02").valid_until == moment(2026, 2, 3)
