"""Words in charts and SmartArt, which stand in parts of their own."""

from collections.abc import Iterator
from typing import Any

from ingest.formats.ooxml.package import CHART, DIAGRAM, DRAWING, RELATION, Package

_MOST_VALUES = 60  # of one series


def drawn(element: Any, package: Package, part: str) -> Iterator[str]:
    """A paragraph for each chart and each SmartArt drawing at or below an element."""
    for reference in element.iter(f"{CHART}chart", f"{DIAGRAM}relIds"):
        is_chart = reference.tag == f"{CHART}chart"
        key = reference.get(f"{RELATION}id" if is_chart else f"{RELATION}dm")
        target = next((r.target for r in package.relations(part) if r.id == key), "")
        root = package.xml(target) if target else None
        if root is not None and (said := _chart(root) if is_chart else _diagram(root)):
            yield said


def _chart(root: Any) -> str:
    """Titles, then each series with its categories and values."""
    lines = [line for title in root.iter(f"{CHART}title") if (line := _runs(title))]
    for series in root.iter(f"{CHART}ser"):
        name = _first(series, "tx")
        names, values = _points(series, "cat"), _points(series, "val")
        pairs = [
            f"{names.get(key, '')} {value}".strip() for key, value in list(values.items())[:_MOST_VALUES]
        ]
        if pairs:
            lines.append(f"{name}: {'; '.join(pairs)}" if name else "; ".join(pairs))
    return "\n".join(line for line in lines if line)


def _diagram(root: Any) -> str:
    """The texts of its points, each on a line."""
    found = (_runs(point) for point in root.iter(f"{DIAGRAM}pt"))
    return "\n".join(f"- {line}" for line in found if line)


def _runs(element: Any) -> str:
    paragraphs = ("".join(t.text or "" for t in p.iter(f"{DRAWING}t")) for p in element.iter(f"{DRAWING}p"))
    return " ".join(" ".join(paragraphs).split())


def _first(series: Any, tag: str) -> str:
    found = series.find(f"{CHART}{tag}")
    said = None if found is None else next(found.iter(f"{CHART}v"), None)
    return "" if said is None else " ".join((said.text or "").split())


def _points(series: Any, tag: str) -> dict[str, str]:
    """Index to text of the cached points."""
    found = series.find(f"{CHART}{tag}")
    points = () if found is None else found.iter(f"{CHART}pt")
    return {p.get("idx") or "": " ".join((p.findtext(f"{CHART}v") or "").split()) for p in points}
