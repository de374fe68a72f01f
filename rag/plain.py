"""Markdown as plain reading text."""

import html
import re

from rag.remembered import remembered

# Bounded repeats keep every pattern linear.
_MARKUP = re.compile(
    r"(?P<code>`{1,3})(?P<inside>[^`]{1,500})`{1,3}"
    r"|(?P<image>!\[[^\[\]]{0,300}\](?:\([^()\n]{0,1000}\)|\[[^\[\]]{0,100}\]))"
    r"|\[(?P<label>[^\[\]]{0,300})\](?:\((?:[^()\n]|\([^()\n]{0,200}\)){0,1000}\)|\[[^\[\]]{0,100}\])"
    r"|\[(?P<number>\^?\d{1,4})\]"
    r"|(?P<tag></?[A-Za-z][^<>]{0,500}>|<!--[^<>]{0,500}-->)"
    r"|(?P<mark>\*{2,3}|__|~~|(?<![\w*])\*(?=[^\s*])|(?<=[^\s*])\*(?![\w*])|(?<!\w)_(?=[^\W_])|(?<=\w)_(?!\w))"
    r"|(?P<lead>^[ \t]{0,3}(?:#{1,6}[ \t]+|(?:>[ \t]?)+))",
    re.MULTILINE,
)
_MARKED = re.compile(r"[`!\[<*_~#>&\n\t]|  ")
_BREAK = re.compile(
    r"(?<=[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef])[ \t]*\n\s*(?=[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef])"
)


@remembered(2048)  # a claim and its quote are often the same sentence, and come again
def plain(text: str) -> str:
    """Markdown as one line of reading text: no marks, images, tags or link targets.

    Bracketed numbers become (round): `[3]` in an answer means a citation, never a stored text's own.
    """
    if not _MARKED.search(text):
        return text.strip()
    for _ in range(3):  # an image inside a link needs a second look
        stripped = _MARKUP.sub(_unmark, text)
        if stripped == text:
            break
        text = stripped
    if "&" in text:
        text = html.unescape(text)
    return " ".join(_BREAK.sub("", text).split())


def _unmark(match: re.Match[str]) -> str:
    if match["inside"] is not None:
        return match["inside"]
    if match["label"] is not None:
        return match["label"]
    if match["number"] is not None:
        return "" if match["number"].startswith("^") else f"({match['number']})"
    return " " if match["tag"] else ""
