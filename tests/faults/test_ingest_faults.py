"""What interrupts an ingest: death, another ingest, a full disk. `make prove` runs the full counts."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

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


def check_deletion(found: dict[str, Any]) -> None:
    assert found["queries_that_find_it"]["before"] == found["queries_that_find_it"]["asked"] > 0
    assert found["queries_that_find_it"]["after"] == 0
    assert found["answers_withdrawn"] > 0
    assert (found["receipt"]["result"], found["receipt"]["verdict"]) == ("clean", "ok")
    assert found["receipt"]["changed_and_refused"] == found["receipt"]["bytes"]
    assert found["receipt"]["words_of_the_document_in_it"] == 0


def test_a_deleted_document_is_in_no_file(tmp_path: Path) -> None:
    found: dict[str, Any] = asyncio.run(deletion._delete(tmp_path / "home", "local"))
    check_deletion(found)
    assert found["files_with_a_canary"]["before"] > 0
    assert found["files_with_a_canary"]["after"] == 0
    assert all(found["looking_again"]["found"].values())


def test_no_query_returns_a_deleted_document_from_weaviate(tmp_path: Path) -> None:
    if not binary().is_file():
        pytest.skip("Weaviate is not built; make servers")
    with WeaviateServer(tmp_path / "server") as server:
        check_deletion(asyncio.run(deletion._delete(tmp_path / "home", server.url)))
    shutil.rmtree(tmp_path / "server")
