"""Office files by markitdown; its own comments and pictures' data are left out."""

import re
from pathlib import Path

from bench.readers.serve import serve

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_EMPTY = re.compile(r"\b(?:NaN|Unnamed: \d+)\b")  # how pandas writes a cell without a value or a name


def read(path: Path) -> str:
    """Its Markdown, less what is not the file's."""
    from markitdown import MarkItDown

    text = MarkItDown(enable_plugins=False).convert(str(path)).text_content
    return _EMPTY.sub("", _PICTURE.sub(r"\1", _COMMENT.sub("", text)))


if __name__ == "__main__":
    serve(read)
