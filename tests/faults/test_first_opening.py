"""Several processes make the catalog of a new home at the same moment."""

import multiprocessing
from multiprocessing.synchronize import Barrier
from pathlib import Path

from rag.catalog import open_catalog
from rag.settings import Settings

HOMES, AT_ONCE = 10, 4


def make(home: Path, start: Barrier) -> None:
    start.wait()
    open_catalog(Settings(home=home)).close()


def test_a_new_catalog_is_made_by_all_who_come_at_once(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    for n in range(HOMES):
        start = spawn.Barrier(AT_ONCE)
        makers = [spawn.Process(target=make, args=(tmp_path / f"{n}", start)) for _ in range(AT_ONCE)]
        for one in makers:
            one.start()
        for one in makers:
            one.join(60)
        assert [one.exitcode for one in makers] == [0] * AT_ONCE
