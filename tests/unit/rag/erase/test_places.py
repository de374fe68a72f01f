"""No column that can hold text is forgotten by an erasure."""

from sqlalchemy import LargeBinary, String

from rag.catalog.schema import metadata
from rag.erase.places import CONTENT_FREE, PLACES

KNOWN = {f"{column.table.name}.{column.name}" for place in PLACES for column in place.columns}


def test_every_column_that_can_hold_text_is_reached_or_has_a_reason_not_to_be() -> None:
    forgotten = [
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.c
        if isinstance(column.type, String | LargeBinary)
        and f"{table.name}.{column.name}" not in KNOWN
        and f"{table.name}.{column.name}" not in CONTENT_FREE
        and f"*.{column.name}" not in CONTENT_FREE
    ]
    assert forgotten == [], "add them to PLACES or to CONTENT_FREE in rag/erase/places.py"


def test_every_reason_is_about_a_column_that_there_is() -> None:
    every = {f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.c}
    names = {name.partition(".")[2] for name in every}
    for column, reason in CONTENT_FREE.items():
        table, _, name = column.partition(".")
        assert (name in names) if table == "*" else (column in every)
        assert column not in KNOWN
        assert reason


def test_places_have_names_of_their_own() -> None:
    assert len({place.name for place in PLACES}) == len(PLACES)
