import pickle
from dataclasses import replace

import numpy as np
import pytest

from ingest import wire
from ingest.load import parse
from ingest.options import Options
from ingest.types import Parsed


def test_a_parsed_file_arrives_as_it_was_sent():
    parsed = parse("p", "a.md", "# 年假\n\n十五天。\n\n## How?\nAsk.\n".encode(), Options())
    assert wire.unpack(wire.pack(parsed)) == parsed


def test_vectors_arrive_as_they_were_sent():
    vectors = np.arange(6, dtype=np.float16).reshape(2, 3)
    found = wire.unpack(wire.pack(Parsed("p", vectors=vectors)))
    assert found.vectors is not None
    assert (found.vectors == vectors).all()
    assert replace(found, vectors=None) == Parsed("p")


def test_an_error_arrives_as_it_was_sent():
    parsed = Parsed("p", error="broken", state="damaged", hint="mend it")
    assert wire.unpack(wire.pack(parsed)) == parsed


def test_a_child_cannot_name_code():
    with pytest.raises(pickle.UnpicklingError):
        wire.unpack(pickle.dumps(print))
