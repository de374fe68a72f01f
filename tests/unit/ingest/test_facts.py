from ingest.planning.facts import Facts, of_file, of_known
from ingest.planning.rules import Rules
from ingest.sources import Seen
from rag.catalog.documents import Known, pack_rights, unpack_groups


def facts(
    rules: Rules | None = None,
    known: Known | None = None,
    allow: tuple[str, ...] | None = None,
    groups: tuple[str, ...] | None = None,
) -> Facts:
    seen = Seen("/d/a.md", "a.md", None, 1, 1, groups=groups)
    return of_file(seen, rules or Rules(), known, base="default", origin="", allow=allow)


def known(**values: object) -> Known:
    about = {"collection": "default", "groups": (), **values}
    return Known(  # type: ignore[arg-type]
        id="d",
        place="/d/a.md",
        source="a.md",
        status="ok",
        detail="",
        current="v",
        size=1,
        mtime=1,
        content_hash=b"h",
        parser="p",
        updated=1.0,
        **about,
    )


def test_rights_come_from_the_order_else_the_rules_else_the_source_else_before_else_nobody_is_shut_out() -> (
    None
):
    rules = Rules(allow=("rule",))
    assert facts(rules, known(groups=("before",)), ("order",), ("source",)).groups == ("order",)
    assert facts(rules, known(groups=("before",)), None, ("source",)).groups == ("rule",)
    assert facts(None, known(groups=("before",)), None, ("source",)).groups == ("source",)
    assert facts(None, known(groups=("before",))).groups == ("before",)
    assert facts().groups == ()


def test_what_a_rule_stands_in_for_is_kept() -> None:
    ruled = facts(Rules(allow=("rule",), collection="people"), known(groups=("before",)))
    assert (ruled.ordered, ruled.base) == (("before",), "default")
    again = facts(
        None, known(groups=ruled.groups, ordered=ruled.ordered, collection="people", base="default")
    )
    assert (again.groups, again.collection) == (("before",), "default")


def test_only_what_differs_is_written() -> None:
    document = known(groups=("hr",), priority=1)
    assert of_known(document).differing(document) == {}
    assert facts(Rules(priority=2), document).differing(document) == {"priority": 2}
    assert facts(Rules(priority=1), document, ("it", "hr")).differing(document) == {
        "groups": '["hr", "it"]',
    }


def test_stored_rights_say_what_counts_now() -> None:
    assert pack_rights(("b", "a", "a"), ("a", "b")) == '["a", "b"]'
    assert unpack_groups(pack_rights(("a",), ("b",))) == ("a",)
    assert unpack_groups(pack_rights((), (), "default")) == ()
