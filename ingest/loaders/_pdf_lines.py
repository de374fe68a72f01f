"""Lines as a page prints them to paragraphs as an author wrote them."""

import re
from collections.abc import Collection

from rag.words import CJK

# A hyphen at the end of a line; pdfium says U+FFFE or U+0002 for one that it takes for a mere break.
_BROKEN_WORD = re.compile("([^\\W\\d_]+)(?:[\ufffe\x02]\n?|[-\u00ad\u2010]\n)(?=([a-zß-öø-ÿ]+))")
_HYPHENS = re.compile("[\ufffe\x02]\n?")
_OPENS = re.compile(
    r"\s*(?:[-*•●▪◦·■□○◆‣–]|\(?\d{1,3}[.)、]|\(?[a-z][.)]\s|[一二三四五六七八九十]+[、.]|第.{1,4}[章节条])"
)
_ENDS = (".", "!", "?", ":", ";", "。", "！", "？", "：", "；", "”", "…")
_WIDE = re.compile(f"[{CJK}\u3000-\u303f\uff00-\uffef]")
_FULL = 0.72  # of the widest usual line: a shorter one ends its paragraph


def paragraphs(page: str, alone: Collection[str] = ()) -> str:
    """The page's text: lines of one paragraph joined, words divided at a line's end made whole.

    Lines that are among `alone`, such as headings, are joined to nothing.
    """
    lines = [line.rstrip() for line in _mended(page).split("\n")]
    widths = sorted(_width(line) for line in lines if line)
    usual = widths[len(widths) * 9 // 10] if widths else 0
    made: list[str] = []
    before = ""
    for line in lines:
        kept = " ".join(before.split()) in alone or " ".join(line.split()) in alone
        if before and line and not kept and _continues(before, line, usual):
            made.append(_join(before, line))
        else:
            made.append("\n" if made else "")
        made.append(line)
        before = line
    return "".join(made).strip("\n")


def _mended(page: str) -> str:
    page = page.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")

    def whole(match: re.Match[str]) -> str:
        # A page that writes "carbon-free" within a line means the hyphen at the end of one, too.
        return match[1] + ("-" if f"{match[1]}-{match[2]}" in page else "")

    return _HYPHENS.sub("-", _BROKEN_WORD.sub(whole, page))


def _continues(before: str, line: str, usual: int) -> bool:
    full = _width(before) >= usual * _FULL
    ended = before.endswith(_ENDS) and _width(before) < usual * 0.9
    return full and not ended and not _OPENS.match(line) and usual >= 30


def _join(before: str, line: str) -> str:
    """Nothing between ideographs, a blank elsewhere."""
    return "" if _WIDE.match(before[-1]) and _WIDE.match(line.lstrip()[:1] or " ") else " "


def _width(line: str) -> int:
    return len(line) + len(_WIDE.findall(line))
