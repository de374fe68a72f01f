import pytest

from rag.errors import ConfigError
from rag.plugins import DOORS, load, names


def test_every_built_in_part_can_be_loaded_by_its_name() -> None:
    for kind in DOORS:
        for name in names(kind):
            load(kind, name)


def test_an_unknown_part_is_answered_with_those_there_are() -> None:
    with pytest.raises(ConfigError) as caught:
        load("stores", "wombat")
    assert "wombat" in str(caught.value)
    assert "local" in caught.value.hint
