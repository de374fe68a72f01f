"""What `kb doctor` says of the walls around a parser."""

import anyio

from api import health
from ingest.wall import confine
from rag.settings import Settings
from rag.system import System


def finding() -> health.Finding:
    async def look() -> list[health.Finding]:
        async with System(Settings()) as system:
            return await health.examine(system)

    (found,) = [each for each in anyio.run(look) if each.part == "parser"]
    return found


def test_the_walls_that_hold_are_told():
    found = finding()
    assert found.ok
    assert all(layer in found.detail for layer in confine.layers())


def test_a_missing_wall_is_told_and_is_no_fault(monkeypatch):
    monkeypatch.setattr(confine.landlock, "version", lambda: 0)
    found = finding()
    assert found.ok
    assert found.detail.endswith("this system lacks: no reading of other files (Landlock)")


def test_without_walls_the_clock_is_left(monkeypatch):
    monkeypatch.setattr(confine, "layers", lambda: ())
    assert "none but the clock" in finding().detail
