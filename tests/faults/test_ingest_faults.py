"""What interrupts an ingest: death, another ingest, a full disk. `make prove` runs the full counts."""

import asyncio
import shutil
from pathlib import Path

import pytest

from bench import deletion, full_disk, kills, together
from bench.scenarios import SCENARIOS
from tests.servers.weaviate import WeaviateServer, binary

pytestmark = pytest.mark.usefixtures("shared_data")
FEW = 60


def test_what_was_killed_ends_like_what_was_not() -> None:
    found = kills.main(len(SCENARIOS) * 2, FEW // 6, list(SCENARIOS))
    assert found["unequal"] == []
    assert found["equal"] == found["of"] == len(SCENARIOS) * 2
    assert all(found[name]["reference_faults"] == () for name in SCENARIOS)  # type: ignore[index]


def test_ingests_at_once_make_one_result_and_say_for_whom_they_wait() -> None:
    found = together.main(FEW)
    assert found["2_at_once"] == {"equal": True, "told_for_whom_they_wait": 1}
    assert found["4_at_once"] == {"equal": True, "told_for_whom_they_wait": 3}


def test_a_full_disk_is_said_in_one_line_and_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(full_disk, "LIMITS", (700_000, 1_500_000))
    for point in full_disk.main(120)["points"]:  # type: ignore[attr-defined]
        assert point["exit_code"] not in (0, 70), point
        assert point["said"].startswith("kb: "), point
        assert not point["traceback"]
        assert point["still_served"]
        assert point["equal"], point


def test_a_deleted_document_is_in_no_file(tmp_path: Path) -> None:
    found = asyncio.run(deletion._delete(tmp_path / "home", None))
    assert found["files_with_the_canary_before"] != 0
    assert found["files_with_the_canary_after"] == 0
    assert found["keyword_hits_after"] == 0
    assert found["answers_withdrawn"] == 1
    assert found["receipt_left"] == []


def test_no_query_returns_a_deleted_document_from_weaviate(tmp_path: Path) -> None:
    if not binary().is_file():
        pytest.skip("Weaviate is not built; make servers")
    with WeaviateServer(tmp_path / "server") as server:
        found = asyncio.run(deletion._delete(tmp_path / "home", server.url))
    assert found["keyword_hits_after"] == 0
    assert found["entries_that_are_not_current"] == 0
    assert found["receipt_left"] == []
    shutil.rmtree(tmp_path / "server")
