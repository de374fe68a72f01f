"""Colours of style sheets."""

import re
from colorsys import hls_to_rgb

Color = tuple[int, int, int]

TRANSPARENT_BELOW = 0.06
_ALIKE = 20  # of 255, in the channel that differs most
_NAMED: dict[str, Color] = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "ghostwhite": (248, 248, 255),
    "floralwhite": (255, 250, 240),
    "whitesmoke": (245, 245, 245),
    "mintcream": (245, 255, 250),
    "azure": (240, 255, 255),
    "aliceblue": (240, 248, 255),
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "navy": (0, 0, 128),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "yellow": (255, 255, 0),
    "orange": (255, 165, 0),
    "maroon": (128, 0, 0),
    "purple": (128, 0, 128),
    "teal": (0, 128, 128),
}
_HEX = re.compile(r"#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_CALL = re.compile(r"(rgb|hsl)a?\(\s*([^()]{1,80})\)")
_NUMBER = re.compile(r"-?\d{0,6}\.?\d{1,6}%?")


def parse(said: str) -> tuple[Color, float] | None:
    """The colour and its opacity 0..1; None when it is not known."""
    said = said.strip().lower()
    if said == "transparent":
        return (0, 0, 0), 0.0
    if said in _NAMED:
        return _NAMED[said], 1.0
    if match := _HEX.fullmatch(said):
        return _hex(match[1])
    if (match := _CALL.fullmatch(said)) and len(numbers := _NUMBER.findall(match[2])) >= 3:
        return _called(match[1], numbers)
    return None


def alike(one: Color, other: Color) -> bool:
    """Whether text in the one cannot be read on the other."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= _ALIKE


def _hex(digits: str) -> tuple[Color, float]:
    if len(digits) < 6:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue, *alpha = bytes.fromhex(digits)
    return (red, green, blue), alpha[0] / 255 if alpha else 1.0


def _called(kind: str, numbers: list[str]) -> tuple[Color, float]:
    alpha = _share(numbers[3], 1) if len(numbers) > 3 else 1.0
    if kind == "rgb":
        red, green, blue = (round(255 * _share(number, 255)) for number in numbers[:3])
        return (red, green, blue), alpha
    hue = float(numbers[0].rstrip("%")) % 360 / 360
    saturation, lightness = _share(numbers[1], 100), _share(numbers[2], 100)
    red, green, blue = (round(255 * part) for part in hls_to_rgb(hue, lightness, saturation))
    return (red, green, blue), alpha


def _share(number: str, whole: float) -> float:
    value = float(number.rstrip("%")) / (100 if number.endswith("%") else whole)
    return min(1.0, max(0.0, value))
