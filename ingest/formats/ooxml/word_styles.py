"""Styles of a Word document: which make headings, list items and hidden text."""

from dataclasses import dataclass, field
from typing import Any

from ingest.formats.ooxml.package import WORD

_OFF = ("0", "false", "off")
_DEPTH = 32  # styles build on styles
_TINY = 3  # half points


@dataclass(frozen=True, slots=True)
class Look:
    """How a run looks; None where it does not say."""

    vanish: bool | None = None
    color: str | None = None
    shaded: bool | None = None
    size: int | None = None

    def over(self, base: "Look") -> "Look":
        """This look where it says something, else the one it builds on."""
        return Look(
            base.vanish if self.vanish is None else self.vanish,
            self.color or base.color,
            base.shaded if self.shaded is None else self.shaded,
            base.size if self.size is None else self.size,
        )

    @property
    def hidden(self) -> str:
        """Why nobody sees it, or ''; `white` only where the paper is white."""
        if self.vanish:
            return "vanish"
        if self.size is not None and self.size <= _TINY:
            return "tiny"
        return "white" if is_white(self.color) and not self.shaded else ""


PLAIN = Look()


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph or run takes from its style. `level` 0 is the title; `number` is numId and ilvl."""

    name: str = ""
    level: int | None = None
    is_list: bool = False
    number: tuple[str, str] = ("", "")
    shaded: bool = False
    look: Look = PLAIN


@dataclass(slots=True)
class Styles:
    """All styles by their id."""

    by_id: dict[str, Style] = field(default_factory=dict)
    default: Style = Style()

    def of(self, key: str) -> Style:
        """The style of a paragraph or run; the default one for no or an unknown key."""
        return self.by_id.get(key, self.default) if key else self.default


def styles(root: Any) -> Styles:
    """The styles in `styles.xml`; none when there is no such part."""
    if root is None:
        return Styles()
    elements = {element.get(f"{WORD}styleId") or "": element for element in root.iter(f"{WORD}style")}
    base = look(root.find(f"{WORD}docDefaults/{WORD}rPrDefault/{WORD}rPr"))
    made = Styles(default=Style(look=base))
    for key, element in elements.items():
        made.by_id[key] = _style(element, elements, base)
        if element.get(f"{WORD}default") == "1" and element.get(f"{WORD}type") == "paragraph":
            made.default = made.by_id[key]
    return made


def look(properties: Any) -> Look:
    """What run properties (`w:rPr`) say."""
    if properties is None or not len(properties):
        return PLAIN
    vanish = properties.find(f"{WORD}vanish")
    size = value(properties, "sz")
    return Look(
        None if vanish is None else vanish.get(f"{WORD}val") not in _OFF,
        value(properties, "color") or None,
        True if is_shaded(properties) or value(properties, "highlight") not in ("", "none") else None,
        int(size) if size.isdecimal() else None,
    )


def is_shaded(properties: Any) -> bool:
    """Whether these properties of a run, paragraph, cell or table give it a ground that is not white."""
    ground = None if properties is None else properties.find(f"{WORD}shd")
    if ground is None:
        return False
    fill = ground.get(f"{WORD}fill") or "auto"
    return (fill != "auto" and not is_white(fill)) or ground.get(f"{WORD}val") not in ("clear", "nil", None)


def is_white(color: str | None) -> bool:
    """White, or what no eye tells from it on paper."""
    if not color or len(color) != 6:
        return False
    try:
        return min(bytes.fromhex(color)) >= 0xF8
    except ValueError:
        return False


def value(element: Any, *path: str) -> str:
    """The `w:val` at a path below an element, or ''."""
    found = None if element is None else element.find("/".join(f"{WORD}{tag}" for tag in path))
    return "" if found is None else found.get(f"{WORD}val") or ""


def _style(element: Any, elements: dict[str, Any], base: Look) -> Style:
    """A style with what it takes from those it builds on; only its own name makes a list or heading."""
    name = value(element, "name").lower()
    seen: set[str] = set()
    found, number, shaded = PLAIN, ("", ""), False
    level = _level(element, name)
    is_list = name.startswith("list") and name != "list paragraph"
    above, key = element, ""
    while above is not None and key not in seen and len(seen) < _DEPTH:
        seen.add(key)
        paragraph = above.find(f"{WORD}pPr")
        found = found.over(look(above.find(f"{WORD}rPr")))
        shaded = shaded or is_shaded(paragraph)
        level = _level(above, value(above, "name").lower()) if level is None else level
        own = (value(paragraph, "numPr", "numId"), value(paragraph, "numPr", "ilvl"))
        number = (number[0] or own[0], number[1] or own[1])
        key = value(above, "basedOn")
        above = elements.get(key)
    return Style(name, level, is_list, number, shaded, found.over(base))


def _level(element: Any, name: str) -> int | None:
    if name == "title":
        return 0
    digits = name.removeprefix("heading ")
    if name != digits and digits.isdecimal() and int(digits) <= 9:
        return int(digits)
    outline = value(element, "pPr", "outlineLvl")
    return int(outline) + 1 if outline.isdecimal() and int(outline) < 9 else None
