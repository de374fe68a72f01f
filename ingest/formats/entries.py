"""Tables of questions and answers: one entry a row, headed by the wordings of its question.

The columns are known by their names, in English and Chinese. Other wordings of a question, one or
several in a cell, stand in the heading, where they are searched and never taken for an answer.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.formats.records import one_line, records
from ingest.outline import Heading
from rag.wording import BETWEEN, LONGEST_HEADING, asking

_QUESTIONS = frozenset(
    "question|questions|q|faq|standard question|main question|user question|customer question|问题|问|提问|"
    "常见问题|問題|常見問題|标准问|标准问题|標準問題|主问题|用户问题|客户问题|知识标题".split("|")
)
_ANSWERS = frozenset(
    "answer|answers|a|reply|response|standard answer|答案|回答|答|答复|解答|回复|答覆|回覆|标准答案|"
    "標準答案|答案内容|回复内容|参考答案".split("|")
)
_OTHERS = frozenset(
    "similar|similar question|similar questions|alternative|alternatives|alternative question|"
    "alternative questions|alternative wording|alternative wordings|other wording|other wordings|"
    "variant|variants|variation|variations|synonym|synonyms|aliases|alias|also asked as|paraphrase|"
    "paraphrases|相似问题|相似问|相似问法|相似問題|别名|別名|其他问法|其它问法|其他問法|扩展问|"
    "扩展问题|扩展问法|同义问|同义问题|同义问法|近似问|近似问题|变体|问法".split("|")
)
_ASIDE = re.compile(r"[(（\[【<][^()（）\[\]【】<>]*[)）\]】>]")
_NUMBERED = re.compile(r"[\s#.-]*\d+$")
_DIVIDED = re.compile(r"\s*(?:\n|\|+|###|[;；]|\s/\s)\s*")


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where what stands."""

    question: int
    answer: int
    others: frozenset[int]


def entries(header: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, list[Heading]] | None:
    """The text of all entries and their headings; None when the columns are not questions and answers.

    An entry is its question, its answer, and what other columns say of it. A row without a question
    goes on with the entry above. Each heading ends with a question mark.
    """
    columns = _columns(header)
    if columns is None:
        return None
    parts: list[str] = []
    headings: list[Heading] = []
    place = 0
    for row in rows:
        heading, left = _heading(row, columns)
        lines = (
            one_line(_at(row, columns.question)),
            _answer(row, columns),
            _rest(header, row, columns, left),
        )
        part = "\n".join(line for line in lines if line)
        if not part:
            continue
        if heading:
            headings.append(Heading(place, 1, heading))
        parts.append(part + "\n\n")
        place += len(part) + 2
    return "".join(parts), headings


def _columns(header: Sequence[str]) -> _Columns | None:
    names = [_name(cell) for cell in header]
    others = frozenset(i for i, name in enumerate(names) if _NUMBERED.sub("", name) in _OTHERS)
    question = next((i for i, name in enumerate(names) if name in _QUESTIONS), None)
    answer = next((i for i, name in enumerate(names) if name in _ANSWERS), None)
    if question is None or answer is None:
        return None
    return _Columns(question, answer, others)


def _name(cell: str) -> str:
    """`Standard_question (required):` is a `standard question`."""
    return one_line(_ASIDE.sub("", cell.lower()).replace("_", " ")).strip(" *:：")


def _at(row: Sequence[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""


def _answer(row: Sequence[str], columns: _Columns) -> str:
    return "\n".join(line.strip() for line in _at(row, columns.answer).splitlines()).strip()


def _heading(row: Sequence[str], columns: _Columns) -> tuple[str, list[str]]:
    """The question and as many other wordings as fit, each once; the wordings that do not fit."""
    said = one_line(_at(row, columns.question))
    if not said:
        return "", list(_wordings(row, columns))
    heading, left, seen = asking(said), [], {asking(said).casefold()}
    for other in _wordings(row, columns):
        asked = asking(other)
        if asked.casefold() in seen:
            continue
        seen.add(asked.casefold())
        if len(heading) + len(BETWEEN) + len(asked) <= LONGEST_HEADING:
            heading += BETWEEN + asked
        else:
            left.append(other)
    return heading, left


def _wordings(row: Sequence[str], columns: _Columns) -> Iterator[str]:
    for column in sorted(columns.others):
        yield from filter(None, map(one_line, _DIVIDED.split(_at(row, column))))


def _rest(header: Sequence[str], row: Sequence[str], columns: _Columns, left: Sequence[str]) -> str:
    known = {columns.question, columns.answer, *columns.others}
    others = ["" if i in known else cell for i, cell in enumerate(row)]
    first = min(columns.others, default=None)
    if left and first is not None:
        others += [""] * (first + 1 - len(others))
        others[first] = BETWEEN.join(left)
    return "".join(records(header, [others]))
