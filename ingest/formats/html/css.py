"""Style sheets, as far as they say what is seen: rules by tag, class and id, and what holds for an element.

Rules for print, for narrow screens and for states (`:hover`) do not count.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

MOST_RULES = 20_000
MOST_SEARCHED = 60  # selectors that need a search of the page
MOST_FOUND = 20_000  # elements of one such selector
_LONGEST_SELECTOR = 200

Style = Mapping[str, str]

_SAYING = frozenset(
    "display visibility opacity font-size font color background background-color background-image position "
    "left top right bottom text-indent margin-left clip clip-path transform height max-height width overflow "
    "overflow-x overflow-y padding padding-top padding-bottom content-visibility -webkit-text-fill-color "
    "background-clip -webkit-background-clip".split()
)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_BRACE = re.compile("[{}]")
_DECLARATION = re.compile(r"(-{0,2}[a-z][\w-]{0,60})\s*:\s*([^;]{1,500})")
_SIMPLE = re.compile(r"(\*|[a-z][\w-]*)?((?:[.#][\w-]+)*)", re.IGNORECASE)
_NAME = re.compile(r"[.#][\w-]+")
_SCREEN = re.compile(
    r"@(?:media\s+(?:only\s+)?(?:screen|all)|layer\b[^{]*|supports\b[^{]*)\s*", re.IGNORECASE
)
_IMPORTANT, _INLINE = 10_000, 5_000


def declarations(style: str) -> Style:
    """The declarations of a style that say what is seen; the last of a name counts."""
    if "/*" in style:
        style = _COMMENT.sub(" ", style)
    found = ((m[1], m[2].strip()) for m in _DECLARATION.finditer(style.lower()))
    return {name: value for name, value in found if name in _SAYING}


@dataclass(frozen=True, slots=True)
class _Rule:
    """Names that an element must have, and the declarations that hold for it then."""

    weight: tuple[int, int]
    tag: str
    names: frozenset[str]
    style: Style


@dataclass(slots=True)
class Sheet:
    """The rules of a page."""

    _by_key: dict[str, list[_Rule]] = field(default_factory=lambda: defaultdict(list))
    _by_element: dict[int, list[_Rule]] = field(default_factory=lambda: defaultdict(list))
    _known: dict[tuple[str, str, str], list[_Rule]] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: "LexborHTMLParser") -> "Sheet":
        """The rules of the page's own `style` elements."""
        sheet, searched = cls(), 0
        text = " ".join(node.text() for node in tree.css("style"))
        for number, (selector, style) in enumerate(_rules(text)):
            if number >= MOST_RULES:
                break
            if simple := _SIMPLE.fullmatch(selector):
                sheet._add(simple, number, style)
            elif ":" not in selector and searched < MOST_SEARCHED:
                searched += 1
                sheet._search(tree, selector, number, style)
        return sheet

    def style(self, node: "LexborNode", attributes: Mapping[str, str | None]) -> Style:
        """What holds for an element: its rules by weight, its own style above them."""
        key = (node.tag or "", attributes.get("class") or "", attributes.get("id") or "")
        if key not in self._known:
            self._known[key] = self._matching(*key)
        rules = self._known[key]
        if self._by_element and node.mem_id in self._by_element:
            rules = rules + self._by_element[node.mem_id]
        own = attributes.get("style")
        if not rules:
            return _cleaned(declarations(own)) if own else {}
        return _cascade(rules, declarations(own) if own else {})

    def _add(self, simple: re.Match[str], number: int, style: Style) -> None:
        names = _NAME.findall(simple[2])
        tag = "" if simple[1] in (None, "*") else simple[1].lower()
        weight = sum(100 if name[0] == "#" else 10 for name in names) + bool(tag)
        rule = _Rule((weight, number), tag, frozenset(names), style)
        self._by_key[names[-1] if names else tag].append(rule)

    def _search(self, tree: "LexborHTMLParser", selector: str, number: int, style: Style) -> None:
        weight = 100 * selector.count("#") + 10 * (selector.count(".") + selector.count("[")) + 1
        rule = _Rule((weight, number), "", frozenset(), style)
        from selectolax.lexbor import SelectolaxError

        try:
            found = tree.css(selector)
        except SelectolaxError:  # no selector
            return
        for node in found[:MOST_FOUND]:
            self._by_element[node.mem_id].append(rule)

    def _matching(self, tag: str, classes: str, name: str) -> list[_Rule]:
        names = {f".{c}" for c in classes.split()} | ({f"#{name}"} if name else set())
        keys = (*names, tag, "")
        rules = (rule for key in keys if key in self._by_key for rule in self._by_key[key])
        return [rule for rule in rules if rule.names <= names and rule.tag in ("", tag)]


def _cascade(rules: list[_Rule], own: Style) -> Style:
    said: dict[str, tuple[tuple[int, int], str]] = {}
    weighed = [(rule.weight, rule.style) for rule in rules] + [((_INLINE, 0), own)]
    for (weight, number), style in weighed:
        for name, value in style.items():
            rank = (weight + _IMPORTANT * ("!" in value), number)
            if name not in said or rank >= said[name][0]:
                said[name] = (rank, value)
    return _cleaned({name: value for name, (_, value) in said.items()})


def _cleaned(style: Style) -> Style:
    return {name: value.partition("!")[0].strip() for name, value in style.items()}


def _rules(text: str) -> Iterator[tuple[str, Style]]:
    """Selector and declarations of each rule that counts, in order."""
    text = _COMMENT.sub(" ", text)
    heads: list[str] = []
    start = 0
    for brace in _BRACE.finditer(text):
        if brace[0] == "{":
            heads.append(text[start : brace.start()].rpartition(";")[2].strip())
        elif heads:
            head = heads.pop()
            if not head.startswith("@") and all(_SCREEN.fullmatch(above) for above in heads):
                style = declarations(text[start : brace.start()])
                for selector in head.split(",") if style else ():
                    if selector.strip() and len(selector) <= _LONGEST_SELECTOR:
                        yield selector.strip(), style
        start = brace.end()
