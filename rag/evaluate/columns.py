"""What the columns of a table of questions mean, by their headers in English or Chinese."""

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from rag.errors import BadInput
from rag.evaluate.misspelling import meant
from rag.wording import ASKS

Numbered = tuple[int, Sequence[str]]

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
_TITLE_ROWS = 10  # rows above the headers: a title, a date, a note
_PAIR = ("question", "answer")


def named(path: Path, rows: Sequence[Numbered]) -> tuple[Sequence[str], Sequence[Numbered]]:
    """Our name of each column, '' for those that mean nothing here, and the rows below the headers.

    Titles above are passed over. Two columns without a known header are questions and answers.
    `BadInput` names the line of headers that cannot be used.
    """
    at = _head(rows)
    if at is None:
        return _plain(path, rows)
    line, head = rows[at]
    names = [_field(cell) for cell in head]
    for name in ("question", "answer"):
        if (count := names.count(name)) > 1:
            raise BadInput(f"{path}:{line}: {count} columns mean {name!r}; expected one")
    for cell, name in zip(head, names, strict=True):
        if not name and (field := meant(_folded(cell), names)):
            raise BadInput(
                f"{path}:{line}: the header {cell.strip()!r} is not known; did you mean {field!r}?",
                hint="name it so, or take the column out",
            )
    # Of two that could be the kind, such as Category and Topic, the first is meant.
    return [name if name not in names[:i] else "" for i, name in enumerate(names)], rows[at + 1 :]


def _head(rows: Sequence[Numbered]) -> int | None:
    """The row of headers: the first, or one below rows that hold a single cell, such as titles."""
    for number, (_, cells) in enumerate(rows[: _TITLE_ROWS + 1]):
        if "question" in map(_field, cells):
            return number
        if len(_held(cells)) > 1:
            return None
    return None


def _plain(path: Path, rows: Sequence[Numbered]) -> tuple[Sequence[str], Sequence[Numbered]]:
    """A table without headers, from its first row of two cells, or of a question alone."""
    columns = sorted({i for _, cells in rows for i in _held(cells)})
    start = next((n for n, (_, cells) in enumerate(rows) if len(_held(cells)) > 1 or _asks(cells)), 0)
    line, first = rows[start]
    if len(columns) == len(_PAIR) and not any(map(_field, first)):
        meanings = dict(zip(columns, _PAIR, strict=True))
        return [meanings.get(i, "") for i in range(columns[-1] + 1)], rows[start:]
    shown = ", ".join(repr(cell.strip()[:40]) for cell in first[:8])
    raise BadInput(
        f"{path}:{line}: the headers are {shown}; expected one named 'question' (or 问题)",
        hint="or a table of two columns: question and answer",
    )


def _held(cells: Sequence[str]) -> list[int]:
    """The columns in which the row holds anything."""
    return [i for i, cell in enumerate(cells) if cell.strip()]


def _asks(cells: Sequence[str]) -> bool:
    return any(cell.strip().endswith(ASKS) for cell in cells)


def _field(header: str) -> str:
    return _FIELDS.get(_folded(header), "")


def _folded(header: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", header).casefold() if c.isalnum())


def fields(names: Sequence[str], cells: Sequence[str]) -> Mapping[str, str]:
    """The cells of a row by our names."""
    return {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
