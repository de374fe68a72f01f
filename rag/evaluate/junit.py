"""A run as JUnit XML, for the pages of CI services.

It fails where the command fails: a threshold that was missed is a failure, a question that could not
be asked an error. A question answered wrongly is skipped with a message: thresholds judge how many
of those there may be.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as Xml

from rag.errors import BadInput
from rag.evaluate import replaced
from rag.evaluate.thresholds import Outcome
from rag.evaluate.types import Row, Run

# What XML 1.0 cannot hold, not even escaped (section 2.2).
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARK = b'<testsuites name="kb eval"'
_HINT = "--junit names another"
_LONGEST = 200  # characters of a question in its name


def check(path: Path) -> None:
    """`BadInput` where `write` would fail, or take the place of another file. Makes its folder."""
    replaced.check(path, _MARK, "JUnit file of kb eval", "--junit")
    _make_folder(path)


def write(path: Path, run: Run, outcomes: Sequence[Outcome]) -> None:
    """Write the file. `BadInput` where that fails, or would take the place of another file."""
    check(path)
    try:
        path.write_bytes(document(run, outcomes))
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}", hint=_HINT) from error


def document(run: Run, outcomes: Sequence[Outcome]) -> bytes:
    """The XML in UTF-8: a suite of questions, and one of thresholds."""
    root = Xml.Element("testsuites", name="kb eval")
    questions = [_of_row(row) for row in run.rows]
    root.append(_suite("questions", questions, sum(row.seconds for row in run.rows)))
    root.append(_suite("thresholds", [_of_outcome(outcome) for outcome in outcomes]))
    made: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}", hint=_HINT) from error


def _suite(name: str, cases: Sequence[Xml.Element], seconds: float = 0.0) -> Xml.Element:
    def count(tag: str) -> str:
        return str(sum(case.find(tag) is not None for case in cases))

    suite = Xml.Element("testsuite", name=name, tests=str(len(cases)), time=f"{seconds:.3f}")
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, count(tag))
    suite.extend(cases)
    return suite


def _of_row(row: Row) -> Xml.Element:
    case = row.case
    made = Xml.Element(
        "testcase",
        classname=_safe(case.collection or case.kind or "questions"),
        name=_safe(f"{case.id}: {case.question[:_LONGEST]}"),
        time=f"{row.seconds:.3f}",
    )
    if row.error:
        Xml.SubElement(made, "error", message=_safe(row.error))
    elif row.measures.get("correct") == 0.0:
        Xml.SubElement(made, "skipped", message=_safe(_wrong(row)))
    if row.text:
        Xml.SubElement(made, "system-out").text = _safe(row.text)
    return made


def _of_outcome(outcome: Outcome) -> Xml.Element:
    made = Xml.Element("testcase", classname="thresholds", name=_safe(outcome.threshold.title), time="0")
    if not outcome.passed:
        Xml.SubElement(made, "failure", message=_safe(outcome.said))
    return made


def _wrong(row: Row) -> str:
    if not row.case.answerable:
        return "wrong: answered, though nothing answers it"
    if row.status != "answered":
        return f"wrong: not answered ({row.reason or row.status})"
    return "wrong: no gold place is cited"


def _safe(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
