"""Questions in a table, CSV or XLSX, as people keep them: rows as mappings of our field names.

Columns are known by their headers, English or Chinese. A table of two columns without a header that
is known has questions and answers.
"""

import csv
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rag.charset import decode
from rag.errors import BadInput, ConfigError, UnreadableFile

Cells = Sequence[str]
Numbered = tuple[int, Cells]

_HEADERS = {
    "question": "question questions q faq query prompt 问题 提问 问 常见问题 用户问题 問題 提問 問",
    "answer": "answer answers a reply response expectedanswer goldanswer 答案 回答 答 答复 解答 标准答案",
    "file": "file source document doc filename 文件 来源 文档 文件名 出处 檔案 來源",
    "quote": "quote gold evidence passage 原文 引文 依据 引用 證據",
    "answerable": "answerable 可回答 能否回答 是否可回答",
    "id": "id number 编号 序号 編號",
    "language": "language lang 语言 語言",
    "kind": "kind category topic 类别 类型 分类 類別",
    "collection": "collection 知识库 集合",
    "history": "history conversation 历史 对话 上文",
    "confirmed": "confirmed 已确认 确认 確認",
}
_FIELDS = {header: name for name, headers in _HEADERS.items() for header in headers.split()}
_DELIMITERS = (",", ";", "\t")
_LONGEST_CELL = 1 << 24
_SAMPLE_ROWS = 50


def records(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Line and fields of each row that holds anything. `BadInput` names the file and the line."""
    numbered = list(_xlsx_rows(path) if path.suffix.lower() == ".xlsx" else _csv_rows(path))
    if not numbered:
        raise BadInput(f"{path} has no rows", hint="one question a row, with its answer beside it")
    names, rows = _columns(path, numbered)
    for line, cells in rows:
        yield line, {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}


def _columns(path: Path, numbered: Sequence[Numbered]) -> tuple[Sequence[str], Sequence[Numbered]]:
    """Our name of each column, '' for those that mean nothing here, and the rows below the headers."""
    line, first = numbered[0]
    names = [_field(cell) for cell in first]
    if "question" not in names:
        if not any(names) and _width(numbered) == 2:
            return ("question", "answer"), numbered
        shown = ", ".join(repr(cell.strip()[:40]) for cell in first[:8])
        raise BadInput(
            f"{path}:{line}: the headers are {shown}; expected one named 'question' (or 问题)",
            hint="or a table of two columns: question and answer",
        )
    for name in ("question", "answer"):
        if (count := names.count(name)) > 1:
            raise BadInput(f"{path}:{line}: {count} columns mean {name!r}; expected one")
    # Of two that could be the kind, such as Category and Topic, the first is meant.
    return [name if name not in names[:i] else "" for i, name in enumerate(names)], numbered[1:]


def _field(header: str) -> str:
    folded = unicodedata.normalize("NFKC", header).casefold()
    return _FIELDS.get("".join(c for c in folded if c.isalnum()), "")


def _csv_rows(path: Path) -> Iterator[Numbered]:
    text = _text(path)
    delimiter = _delimiter(text, "\t" if path.suffix.lower() == ".tsv" else ",")
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadInput(
            f"{path}:{line}: not a row of a table: {error}",
            hint='look for a quotation mark " that is not closed, from this line on',
        ) from error


def _text(path: Path) -> str:
    try:
        return decode(path.read_bytes())[0]
    except UnreadableFile as error:
        raise BadInput(f"{path}: {error}", hint=error.hint) from error


def _delimiter(text: str, usual: str) -> str:
    """The one that parts the most rows into equally many cells; the usual one where several do."""
    lines = _lines(text)[:_SAMPLE_ROWS]

    def parted(delimiter: str) -> float:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        width, rows = max(widths.items(), key=lambda item: item[1] * (item[0] > 1), default=(1, 0))
        return rows / widths.total() if width > 1 else 0.0

    return max((usual, *_DELIMITERS), key=parted)


def _lines(text: str) -> list[str]:
    """Only CR and LF end a line; `str.splitlines` would cut at others, within cells."""
    return [line + "\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def _width(rows: Sequence[Numbered]) -> int:
    """The number of columns that hold anything."""
    return max(i for _, cells in rows for i, cell in enumerate(cells, 1) if cell.strip())


def _xlsx_rows(path: Path) -> Iterator[Numbered]:
    """Rows of the first sheet that holds anything."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise ConfigError("XLSX needs openpyxl", hint='pip install "kb[eval]", or save it as CSV') from error
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    # Whatever is wrong with the file: openpyxl raises what its XML, its ZIP and its own code raise.
    except Exception as error:
        raise BadInput(f"{path} is no XLSX workbook: {error}", hint="save it as XLSX or CSV again") from error
    for sheet in book.worksheets:
        rows = [(line, [_shown(cell) for cell in row]) for line, row in enumerate(sheet.values, 1)]
        if held := [(line, cells) for line, cells in rows if any(cell.strip() for cell in cells)]:
            yield from held
            return


def _shown(cell: object) -> str:
    """A cell as a person sees it: 3 for 3.0, nothing for an empty one."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
