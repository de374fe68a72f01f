"""How an element looks, as far as it decides whether its text can be seen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ingest.formats.html.color import TRANSPARENT_BELOW, Color, alike, parse
from ingest.formats.html.css import Style

TINY = 2.0  # pixels
_FAR = 500.0  # pixels beside the page
_WHITE, _BLACK, _LINK = (255, 255, 255), (0, 0, 0), (0, 0, 238)
_LENGTH = re.compile(r"(-?\d{0,8}(?:\.\d{0,8})?)(px|pt|em|rem|ex|ch|vw|vh|cm|mm|in|pc|%)?")
_PIXELS = {
    "pt": 4 / 3,
    "rem": 16.0,
    "cm": 37.8,
    "mm": 3.78,
    "in": 96.0,
    "pc": 16.0,
    "vw": 10.0,
    "vh": 8.0,
    "ch": 8.0,
}
_FONT_SIZE = re.compile(r"(?:^|\s)(\d{0,4}(?:\.\d{0,4})?(?:px|pt|em|rem|%)|0)(?:/|\s|$)")
_GONE = re.compile(
    r"inset\(\s*(?:[5-9]\d|100)(?:\.0+)?%|circle\(\s*0|ellipse\(\s*0|scale(?:3d|x|y)?\(\s*0?(?:\.0+)?\s*[,)]"
    r"|translate(?:3d|x|y)?\([^()]{0,40}-\d{4,}px|translate(?:3d|x|y)?\([^()]{0,40}-\d{3,}%"
)
_CLIPPED = re.compile(r"rect\(\s*(?:[01](?:px)?[\s,]+){3}[01](?:px)?\s*\)")
_OVERFLOWS = ("overflow", "overflow-x", "overflow-y")
_EXTENTS = ("height", "max-height", "width")
_PADDINGS = ("padding", "padding-top", "padding-bottom")  # they show what overflows
_OWN_LOOK = frozenset("button input select textarea".split())  # drawn by the browser


@dataclass(frozen=True, slots=True)
class Look:
    """What an element takes over from those around it. None: not known."""

    color: Color | None = _BLACK
    background: Color | None = _WHITE
    size: float = 16.0  # pixels
    is_visible: bool = True
    is_transparent: bool = False

    @property
    def hides(self) -> str:
        """Why its text is not seen; '' when it is, or may be."""
        if not self.is_visible:
            return "not displayed"
        if self.size <= TINY:
            return "tiny"
        if self.is_transparent:
            return "transparent"
        same = self.color is not None and self.background is not None and alike(self.color, self.background)
        return "white" if same else ""

    @property
    def is_doubtful(self) -> bool:
        """White on a background that is not known."""
        return self.background is None and self.color is not None and alike(self.color, _WHITE)


def inner(look: Look, tag: str, style: Style, attributes: Mapping[str, str | None], *, hazy: bool) -> Look:
    """The look within an element; `hazy` when rules that are not known may give it a background."""
    if hazy:
        look = replace(look, background=None)
    if tag in _OWN_LOOK:
        look = replace(look, color=_BLACK, background=None)
    elif tag == "a" and "href" in attributes:
        look = replace(look, color=_LINK, is_transparent=False)
    look = _with_background(look, style, attributes)
    look = _with_color(look, style, attributes)
    if "visibility" in style:
        look = replace(look, is_visible=style["visibility"] not in ("hidden", "collapse"))
    return _with_size(look, style)


def removed(style: Style, *, hidden: bool) -> str:
    """Why nothing of an element is seen; '' when its text may be. `hidden` is the attribute."""
    if not style:
        return "not displayed" if hidden else ""
    display = style.get("display", "none" if hidden else "")
    if display == "none" or style.get("content-visibility") == "hidden":
        return "not displayed"
    if "opacity" in style and _opacity(style["opacity"]) < TRANSPARENT_BELOW:
        return "transparent"
    return "off page" if _is_off_page(style) else ""


def _is_off_page(style: Style) -> bool:
    places = ("left", "top", "right", "bottom") if style.get("position", "static") != "static" else ()
    if any(_pixels(style.get(name, ""), 0.0) <= -_FAR for name in (*places, "text-indent", "margin-left")):
        return True
    if _GONE.search(style.get("clip-path", "")) or _GONE.search(style.get("transform", "")):
        return True
    if _CLIPPED.search(style.get("clip", "")) and style.get("position") in ("absolute", "fixed"):
        return True
    if any(style.get(name, "0").strip("0px ") for name in _PADDINGS):
        return False
    clips = any(style.get(name) in ("hidden", "clip") for name in _OVERFLOWS)
    return clips and any(name in style and _pixels(style[name], TINY) < TINY for name in _EXTENTS)


def _with_background(look: Look, style: Style, attributes: Mapping[str, str | None]) -> Look:
    said = style.get("background-color") or style.get("background") or attributes.get("bgcolor") or ""
    image = style.get("background-image", "none")
    if attributes.get("background") or "url(" in said or "gradient" in said or image != "none":
        return replace(look, background=None)
    if said in ("", "none", "transparent", "inherit", "initial", "unset"):
        return look
    found = parse(said) or parse(said.split()[0])
    if found is None:
        return replace(look, background=None)
    if found[1] < TRANSPARENT_BELOW:
        return look
    return replace(look, background=found[0] if found[1] > 0.9 else None)


def _with_color(look: Look, style: Style, attributes: Mapping[str, str | None]) -> Look:
    said = style.get("-webkit-text-fill-color") or style.get("color") or attributes.get("color")
    said = said or attributes.get("text") or ""
    if not said or said in ("inherit", "currentcolor", "unset"):
        return look
    if "text" in (style.get("background-clip"), style.get("-webkit-background-clip")):
        return replace(look, color=None, is_transparent=False)
    found = parse(said)
    if found is None:
        return replace(look, color=None, is_transparent=False)
    return replace(look, color=found[0], is_transparent=found[1] < TRANSPARENT_BELOW)


def _with_size(look: Look, style: Style) -> Look:
    said = style.get("font-size", "")
    if not said and (match := _FONT_SIZE.search(style.get("font", ""))):
        said = match[1]
    return replace(look, size=_pixels(said, look.size, look.size)) if said else look


def _pixels(said: str, otherwise: float, size: float = 16.0) -> float:
    """A length in pixels, roughly; `otherwise` for words and sums."""
    match = _LENGTH.fullmatch(said.strip())
    if not match or match[1] in ("", "-", ".", "-."):
        return otherwise
    number, unit = float(match[1]), match[2] or "px"
    if unit in ("em", "%", "ex"):
        return number * size / (100 if unit == "%" else 2 if unit == "ex" else 1)
    return number * _PIXELS.get(unit, 1.0)


def _opacity(said: str) -> float:
    try:
        return float(said.rstrip("%")) / (100 if said.endswith("%") else 1)
    except ValueError:
        return 1.0
