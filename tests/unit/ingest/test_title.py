import pytest

from ingest.outline import Heading, sections
from ingest.title import by_rule
from ingest.types import Loaded

TEXT = "Internal\n\n# 年假 rules\n\nTwenty days.\n"
LOADED = Loaded(TEXT, "Own title", sections(TEXT, [Heading(10, 1, "年假 rules")]))
NAME = "hr/policies/annual_leave-2026.md"


@pytest.mark.parametrize(
    ("rule", "title"),
    [
        ("heading", "年假 rules"),
        ("name", "annual leave 2026"),
        ("first line", "Internal"),
        ("{folder}: {heading}", "policies: 年假 rules"),
        ("{first_line} {name}", "Internal annual leave 2026"),
    ],
)
def test_a_rule_makes_the_title(rule: str, title: str) -> None:
    assert by_rule(rule, LOADED, NAME) == title


def test_a_file_without_headings_has_its_name_in_a_template_and_nothing_by_the_rule_alone() -> None:
    bare = Loaded("words", "", sections("words", []))
    assert by_rule("{heading}", bare, NAME) == "annual leave 2026"
    assert by_rule("heading", bare, NAME) == ""
