"""Real and hostile files of the shared set: text is found, locks are named, nothing crashes."""

import json
import os
from pathlib import Path

import pytest

from ingest import ocr
from ingest.load import parse
from ingest.loaders import suffixes
from ingest.options import Options

SHARED = Path(os.environ.get("KB_SHARED") or Path(__file__).parents[3] / "shared") / "data/parsers"
MANIFEST = SHARED / "manifest.jsonl"


def cases():
    if not MANIFEST.is_file() and "shared" not in os.environ.get("KB_REQUIRE", "").split(","):
        return [pytest.param({}, marks=pytest.mark.skip(reason="no shared parser files; set KB_SHARED"))]
    lines = [json.loads(line) for line in MANIFEST.read_text("utf-8").splitlines()]
    known = suffixes()
    read = [case for case in lines if Path(case["file"]).suffix in known]
    return [pytest.param(case, id=Path(case["file"]).name) for case in read]


def squeezed(text):
    return "".join(text.split())


@pytest.mark.parametrize("case", cases())
def test_a_shared_file_is_read_or_refused_as_it_should_be(case):
    parsed = parse("place", case["file"], (SHARED / case["file"]).read_bytes(), Options(parse_seconds=30))
    if case["expect"] == "text":
        assert parsed.error == ""
        text = squeezed(parsed.loaded.text)
        assert [part for part in case["must_contain"] if squeezed(part) not in text] == []
    elif case["expect"] == "refuse":
        assert parsed.state == "password needed"
    elif case["expect"] == "ocr":
        assert parsed.state == ("" if ocr.is_ready() else "ocr needed")
    else:
        assert "longer than" not in parsed.error
    assert parsed.pieces or (parsed.state and parsed.error and parsed.hint)
