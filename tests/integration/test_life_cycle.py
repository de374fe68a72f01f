"""One random walk over `docs/data-model.md`: every event, in any order, with crashes between.

After each complete run, what can be found is exactly what the folder says, for whom it says, and
nothing of a deleted document is left in any file.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ingest import commit
from ingest.run import Order, ingest
from ingest.wall.pool import Pool
from rag import Principal, open_system
from rag.catalog import answers, outbox, partitions, sketch
from rag.catalog.answers import Given
from rag.catalog.chunks import current_ids, features_of
from rag.catalog.versions import CURRENT, RETIRED, STAGED, in_state
from rag.settings import Settings, load
from rag.stores.local import LocalStore
from rag.system import System
from rag.types import Question
from rag.writer import Writer

NAMES = st.sampled_from(["a.md", "b.txt", "sub/c.md", "中文/年假.md"])
GROUPS = st.sampled_from([None, (), ("hr",), ("it", "hr")])
SEAMS: dict[str, tuple[Any, str, bool]] = {
    "inside staging": (commit.Stage, "flush", True),
    "before apply": (LocalStore, "apply", False),
    "after apply": (LocalStore, "apply", True),
    "before the flip": (Writer, "_settle", False),
    "inside the flip": (outbox, "settle", True),
    "after the flip": (Writer, "_settle", True),
}


class Crash(Exception):
    """The process died here."""


@dataclass
class Expected:
    """A file as it should be known. `content` is what it held when it was last looked at.

    `marker` is what it answers with, empty for a file that never could be read. `ordered` are the
    groups that count where no rule does; `lapsed` says that it does not count today.
    """

    content: str
    marker: str
    ordered: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    lapsed: bool = False


@dataclass
class World:
    """What the catalog should say; `folder` maps names to markers on disk, `~N` for so many blanks.

    `allow` and `lapsed` are what `.kb.toml` says.
    """

    folder: dict[str, str] = field(default_factory=dict)
    known: dict[str, Expected] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    allow: tuple[str, ...] | None = None
    lapsed: bool = False


class LifeCycle(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.place = Path(tempfile.mkdtemp())
        self.docs = self.place / "docs"
        self.docs.mkdir()
        self.settings: Settings = load(home=self.place / "home", embedder="wordllama", keep_versions=2)
        self.runner = asyncio.Runner()
        self.pool = Pool(self.settings)
        self.system: System = open_system(self.settings)
        self.world = World()
        self.count = 0
        self.is_settled = True

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.runner.run(self.system.close())
            self.pool.close()
            self.runner.close()
            shutil.rmtree(self.place)

    @rule(name=NAMES)
    def write_a_file(self, name: str) -> None:
        self.count += 1
        marker = f"canary{self.count:04d}zyx"
        path = self.docs / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# 年假 leave\n\nThe word of the day is {marker} for the staff.\n", "utf-8")
        self.world.folder[name] = marker

    @rule(name=NAMES)
    def empty_a_file(self, name: str) -> None:
        """Nothing can be read from it; what was read before goes on answering."""
        if name in self.world.folder:
            self.count += 1
            (self.docs / name).write_text(" " * self.count)
            self.world.folder[name] = f"~{self.count}"

    @rule(allow=GROUPS, lapsed=st.booleans())
    def write_rules(self, allow: tuple[str, ...] | None, lapsed: bool) -> None:
        lines = [] if allow is None else [f"allow = {list(allow) or ['everyone']}"]
        lines += ["valid_until = 2020-12-31"] if lapsed else []
        path = self.docs / ".kb.toml"
        path.write_text("\n".join(lines)) if lines else path.unlink(missing_ok=True)
        self.world.allow, self.world.lapsed = allow, lapsed

    @rule(size=st.sampled_from([600, 900]))
    def read_with_another_parser(self, size: int) -> None:
        self.settings = self.settings.model_copy(update={"chunk_size": size})
        self.reopen()

    @rule(name=NAMES)
    def remove_a_file(self, name: str) -> None:
        if self.world.folder.pop(name, None) is not None:
            (self.docs / name).unlink()

    @rule(name=NAMES)
    def move_a_file(self, name: str) -> None:
        self.count += 1
        if (marker := self.world.folder.pop(name, None)) is not None:
            target = f"moved{self.count}.{name.rsplit('.', 1)[1]}"
            (self.docs / name).rename(self.docs / target)
            self.world.folder[target] = marker

    @rule(groups=GROUPS, prune=st.booleans())
    def ingest_the_folder(self, groups: tuple[str, ...] | None, prune: bool) -> None:
        if not self.world.folder and not self.world.known:
            return
        self.runner.run(self._ingest(groups, prune))
        self._expect(groups, prune)
        self.is_settled = True

    @rule(seam=st.sampled_from(sorted(SEAMS)), groups=GROUPS)
    def crash_in_an_ingest(self, seam: str, groups: tuple[str, ...] | None) -> None:
        if not self.world.folder and not self.world.known:
            return
        with crashing(*SEAMS[seam]):
            try:
                self.runner.run(self._ingest(groups, False))
            except Crash:
                self.is_settled = False
        self.reopen()
        self.ingest_the_folder(groups, False)

    @rule(name=NAMES)
    def delete_a_document(self, name: str) -> None:
        if name not in self.world.known:
            return
        document = self.runner.run(self.system.find(name)).id
        self._quote(document, self.world.known[name].marker)
        receipt = self.runner.run(self.system.delete([document]))
        assert not receipt.left
        assert receipt.answers == 1
        self.world.gone.add(self.world.known.pop(name).marker)

    @rule()
    def reopen(self) -> None:
        self.runner.run(self.system.close())
        self.system = open_system(self.settings)

    @rule()
    def lose_the_index(self) -> None:
        shutil.rmtree(self.settings.home / "index", ignore_errors=True)
        self.reopen()
        self._search("anything", Principal("default"))  # a question notices, and heals

    @invariant()
    def what_is_found_is_what_should_be(self) -> None:
        if not hasattr(self, "world") or not self.is_settled:
            return
        for expected in self.world.known.values():
            if not expected.marker:
                continue
            for groups in (None, frozenset({"hr"}), frozenset({"sales"})):
                who = Principal("default", "someone", groups)
                found = self._search(expected.marker, who)
                may_read = who.may_read(expected.groups) and not expected.lapsed
                assert (expected.marker in found) is may_read

    @invariant()
    def the_index_holds_exactly_what_is_current(self) -> None:
        if not hasattr(self, "world") or not self.is_settled or not self.world.known:
            return
        with self.system.catalog.read() as connection:
            current = current_ids(connection, "default")
            versions = [version for version, _ in in_state(connection, "default", CURRENT)]
            counted = sketch.unpack(partitions.sketch(connection, "default"))
            anew = sketch.empty().changed(features_of(connection, "default", versions), [])
            assert in_state(connection, "default", STAGED) == []
            assert in_state(connection, "default", RETIRED) == []
        assert self.runner.run(self.system.store.chunks("default")) == current
        assert counted.chunks == anew.chunks
        assert np.array_equal(counted.counts, anew.counts)

    @invariant()
    def nothing_of_a_deleted_document_is_left(self) -> None:
        if not hasattr(self, "world") or not self.world.gone or not self.is_settled:
            return
        kept = {*self.world.folder.values(), *(known.marker for known in self.world.known.values())}
        gone = [marker.encode() for marker in self.world.gone if marker and marker not in kept]
        for path in self.settings.home.rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                assert not [marker for marker in gone if marker in data], path

    async def _ingest(self, groups: tuple[str, ...] | None, prune: bool) -> None:
        order = Order(self.docs, "default", groups, prune=prune, sure=True)
        await ingest(self.system, order, pool=self.pool)

    def _expect(self, groups: tuple[str, ...] | None, prune: bool) -> None:
        """What the run should have made of the folder, by the table of events."""
        world, before = self.world, dict(self.world.known)
        missing = {name: known for name, known in before.items() if name not in world.folder}
        for name, content in world.folder.items():
            known = before.get(name) or self._moved(content, missing) or Expected(content, "")
            ordered = known.ordered if groups is None else groups
            allowed = world.allow if groups is None else groups
            marker = known.marker if content.startswith("~") else content
            rights = ordered if allowed is None else allowed
            world.known[name] = Expected(content, marker, ordered, rights, world.lapsed)
        if prune:
            for name, known in missing.items():
                world.gone.add(known.marker)
                world.known.pop(name)
        elif groups is not None:
            for known in missing.values():  # they still answer
                known.ordered = known.groups = groups

    def _moved(self, content: str, missing: dict[str, Expected]) -> Expected | None:
        """The document whose file is gone and which had the same bytes."""
        name = next((name for name, known in missing.items() if known.content == content), None)
        if name is not None:
            self.world.known.pop(name)
        return missing.pop(name) if name is not None else None

    def _search(self, marker: str, who: Principal) -> str:
        question = Question(f"word of the day {marker}", who, "en", collection="default", limit=20)
        hits = self.runner.run(self.system.retrieve(question)).hits
        return " ".join(hit.text for hit in hits)

    def _quote(self, document: str, marker: str) -> None:
        given = Given(f"trace{self.count}", "", 0.0, marker, "answered", {"text": marker})
        with self.system.catalog.write() as connection:
            answers.record(connection, "default", [(given, [("version", document)])])
        self.count += 1


@contextmanager
def crashing(owner: Any, name: str, after: bool) -> Iterator[None]:
    """The first call of `owner.name` dies, before or after its work is done."""
    inner = getattr(owner, name)

    async def apply(*args: Any) -> Any:
        if after:
            await inner(*args)
        raise Crash

    def settle(*args: Any, **options: Any) -> Any:
        if after:
            inner(*args, **options)
        raise Crash

    with patch.object(owner, name, apply if asyncio.iscoroutinefunction(inner) else settle):
        yield


TestLifeCycle = LifeCycle.TestCase
TestLifeCycle.settings = settings(
    max_examples=int(os.environ.get("KB_WALKS", "12")),
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
