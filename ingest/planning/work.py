"""One ingest, decided: the plan, and for every file the rules and facts that it gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from sqlalchemy.engine import make_url

from ingest import ocr
from ingest.load import parser_version
from ingest.loaders import suffixes
from ingest.options import Options, using
from ingest.planning import facts
from ingest.planning import plan as planning
from ingest.planning.facts import Columns, Facts
from ingest.planning.order import Order
from ingest.planning.plan import Plan
from ingest.planning.rules import Rules
from ingest.planning.selection import Selected
from ingest.sources import Seen
from rag.catalog import documents
from rag.catalog.documents import Known
from rag.catalog.engine import catalog_url
from rag.system import System

RIGHTS = "groups"


@dataclass(frozen=True, slots=True)
class Work:
    """What a run will do, and what it compared: `known` documents with the files that were `selected`."""

    order: Order
    selected: Selected
    known: Sequence[Known]
    plan: Plan
    chunk_size: int

    def to_read(self) -> list[Seen]:
        """A moved file too: its name is among its words, and another suffix is another parser."""
        return [*self.plan.new, *(file for _, file in [*self.plan.changed, *self.plan.moved])]

    def rules(self, file: Seen) -> Rules:
        """What the folders of a file say."""
        return self.selected.rules_of(file)

    def parser(self, file: Seen) -> str:
        """What the text of a file depends on besides its bytes."""
        return parser(file, self.rules(file), self.chunk_size)

    def facts(self, file: Seen, known: Known | None) -> Facts:
        """What shall be held of a file."""
        order = self.order
        return facts.of_file(
            file,
            self.rules(file),
            known,
            base=order.collection,
            origin=order.origin,
            allow=order.groups,
        )

    def regrouped(self) -> list[tuple[Known, Columns]]:
        """Documents whose facts change, and the columns that do."""
        plan = self.plan
        pairs = [*plan.unchanged, *plan.moved, *plan.changed, *plan.failed]
        found = [(known, self.facts(file, known).differing(known)) for known, file in pairs]
        if not self.order.prune:  # they still answer
            found += [(known, self._new_rights(known)) for known in plan.missing]
        return [(known, columns) for known, columns in found if columns]

    def _new_rights(self, known: Known) -> Columns:
        """Of a document whose file is gone, with the rules of its folder perhaps: only what is said now."""
        if self.order.groups is None or set(known.groups) == set(self.order.groups):
            return {}
        return {RIGHTS: documents.pack_rights(self.order.groups, self.order.groups, known.base)}


def decide(system: System, order: Order, selected: Selected) -> Work:
    """Compare what was selected with the catalog; changes nothing."""
    chunk_size = system.settings.chunk_size
    known = _known(system, order, selected) if is_begun(system) else []
    plan = planning.make(
        selected.walked,
        known,
        supported=lambda name: Path(name).suffix.lower() in suffixes(),
        parser=lambda file: parser(file, selected.rules_of(file), chunk_size),
        origin=order.origin,
        final=_final(Options.of(system.settings)),
    )
    return Work(order, selected, known, plan, chunk_size)


def parser(file: Seen, rules: Rules, chunk_size: int) -> str:
    """The parser's version, and what rules change of the text's analysis."""
    said = "\0".join(f"{key}={value}" for key, value in (("l", rules.language), ("t", rules.title)) if value)
    own = f"-rules:{blake2b(said.encode(), digest_size=6).hexdigest()}" if said else ""
    return parser_version(file.source, chunk_size) + own


def _final(options: Options) -> frozenset[str]:
    """States that another try does not end; passwords and an OCR that are there now may."""
    with using(options):
        mended = {"password needed": bool(options.passwords), "ocr needed": ocr.is_ready()}
    return planning.FINAL - {state for state, may_end in mended.items() if may_end}


def is_begun(system: System) -> bool:
    """Whether there is a catalog; looking into one would make it."""
    database = make_url(catalog_url(system.settings)).database
    return not database or Path(database).exists()


def _known(system: System, order: Order, selected: Selected) -> list[Known]:
    """Documents of the collection, and whatever stands where one of the files will stand.

    The latter come last: theirs is the place.
    """
    targets = {
        file.place: selected.rules_of(file).collection or order.collection for file in selected.walked.files
    }
    tenant = system.settings.tenant
    with system.catalog.read() as connection:
        here = documents.known(connection, tenant, order.collection)
        found = [known for known in here if not known.base]
        found += documents.elsewhere(connection, tenant, order.collection)
        others = [known for known in here if known.base]
        for name in sorted(set(targets.values()) - {order.collection}):
            others += documents.known(connection, tenant, name)
    ids = {known.id for known in found}
    return found + [
        known for known in others if known.id not in ids and targets.get(known.place) == known.collection
    ]
