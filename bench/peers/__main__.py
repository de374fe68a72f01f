"""The command: environments, all systems over all sets, one table."""

import argparse
import contextlib
import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bench.peers import environments, figures, table
from bench.peers.job import Job
from bench.peers.questions import BUDGETS, SETS, Case, cases, forms
from bench.peers.runs import LIMIT, LIMITS, SYSTEMS, measured
from bench.peers.table import Row
from bench.results import save


def main() -> None:
    """Set up, run, print; save if everything was run."""
    asked = _arguments()
    peers = [name for name in asked.systems if name != "kb"]
    for name in peers:
        environments.setup(name)
    if "setup" in asked.sets:
        return
    rows: list[Row] = []
    for name in asked.sets or SETS:
        rows += _set(name, ["kb", *peers], fresh=asked.fresh)
    ours = {row.set: row for row in rows if row.system == "kb"}
    print("\n".join(table.lines(rows, ours)))
    sizes = {name: _environment(name) for name in ["kb", *peers]}
    print(
        "\n".join(
            ["", *(f"{name} {about['version']}: {about['megabytes']} MB" for name, about in sizes.items())]
        )
    )
    if any(row.measured.kept for row in rows):
        print("\nTimes of peers are from an earlier run; --fresh measures all in one.")
    if set(ours) == set(SETS) and len(peers) == len(SYSTEMS) - 1:
        _save(rows, ours, sizes)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("sets", nargs="*", metavar="SET", choices=["setup", *SETS, []], help="setup, or sets")
    parser.add_argument("--fresh", action="store_true", help="run the peers again too")
    parser.add_argument("--systems", nargs="+", metavar="NAME", choices=SYSTEMS, default=list(SYSTEMS))
    return parser.parse_args()


def _set(name: str, systems: Sequence[str], *, fresh: bool) -> list[Row]:
    """Every way of every system on a set; the best way of each is marked."""
    asked = cases(name)
    rows: list[Row] = []
    for system in systems:
        ways = list(_ways(name, system, asked, fresh=fresh))
        best = max(ways, key=lambda row: row.strength)
        rows += [replace(row, strongest=row is best) for row in ways]
    return rows


def _ways(name: str, system: str, asked: Sequence[Case], *, fresh: bool) -> Iterator[Row]:
    language = name.rpartition("_")[2]
    budgets = BUDGETS[language]
    for variant in SYSTEMS[system].variants(language):
        for form in forms(name, system):
            way = variant if form == "plain" else f"{variant}, {form}"
            print(f"{name}: {system} {way}", file=sys.stderr)
            asks = tuple(case.ask(form) for case in asked)
            done = measured(system, Job(name, variant, LIMITS.get(system, LIMIT), asks), fresh=fresh)
            values = figures.measure([case.gold for case in asked], done.run.places, budgets)
            yield Row(name, system, way, budgets, values, done)


def _environment(name: str) -> dict[str, object]:
    return {"version": environments.version(name), "megabytes": environments.megabytes(name)}


def _save(rows: Sequence[Row], ours: dict[str, Row], sizes: dict[str, dict[str, object]]) -> None:
    sets: dict[str, object] = {}
    for name, own in ours.items():
        found: dict[str, list[object]] = {}
        for row in rows:
            if row.set == name:
                found.setdefault(row.system, []).append(table.figures(row, own))
        sets[name] = {"budgets": own.budgets, "systems": found}
    with contextlib.redirect_stdout(io.StringIO()):  # the table is shorter than the JSON
        path = save("peers", {"environments": sizes, "sets": sets})
    print(f"\nsaved: {path.name}")


if __name__ == "__main__":
    main()
