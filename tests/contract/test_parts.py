"""What holds for every loader and splitter, whoever wrote it."""

from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.types import Loaded
from rag.errors import UnreadableFile
from rag.plugins import load, names


@pytest.fixture(params=names("loaders"))
def loader(request: pytest.FixtureRequest) -> ModuleType:
    return load("loaders", request.param)


def test_a_loader_names_its_suffixes_and_version(loader: ModuleType) -> None:
    assert loader.SUFFIXES
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in loader.SUFFIXES)
    assert isinstance(loader.VERSION, int)


def test_no_two_loaders_claim_a_suffix() -> None:
    claimed = [suffix for name in names("loaders") for suffix in load("loaders", name).SUFFIXES]
    assert len(claimed) == len(set(claimed))


@pytest.mark.parametrize("name", names("loaders"))
@settings(max_examples=40, deadline=None)
@given(data=st.binary(max_size=400))
def test_rubbish_is_refused_with_a_state_or_read_with_true_offsets(name: str, data: bytes) -> None:
    module = load("loaders", name)
    try:
        loaded: Loaded | None = module.load(data, f"file{module.SUFFIXES[0]}")
        refused = ""
    except UnreadableFile as error:
        loaded, refused = None, error.state
    assert (loaded is None) is bool(refused)
    last = 0
    for section in loaded.sections if loaded else ():
        assert last <= section.span.start <= section.span.end <= len(loaded.text if loaded else "")
        last = section.span.end
