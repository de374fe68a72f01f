"""Numerals of numbered lists and headings, in the ways that office programs count."""

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
_ROMAN_SMALL = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_MOST = 9_999  # above it, digits


def numeral(number: int, way: str) -> str:
    """A number in one of the ways of ECMA-376 (`ST_NumberFormat`); digits for those not known here."""
    if way in ("none", ""):
        return ""
    if not 0 < number <= _MOST:
        return str(number)
    if "roman" in way.lower():
        return _cased(_roman(number), way)
    if "letter" in way.lower():
        return _cased(_letters(number), way)
    if "ounting" in way and ("chinese" in way or "taiwanese" in way or "japanese" in way):
        return chinese(number)
    if way == "decimalZero":
        return f"{number:02}"
    if way == "decimalEnclosedCircle" and number <= 20:
        return chr(0x2460 + number - 1)
    return str(number)


def chinese(number: int) -> str:
    """A number from 1 to 9999 in Chinese: 十二, 一百零五."""
    said, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = bool(said) and not digit
    return said[1:] if said.startswith("一十") else said


def _roman(number: int) -> str:
    said = ""
    for worth, letters in (*_ROMAN, *_ROMAN_SMALL):
        said += letters * (number // worth)
        number %= worth
    return said


def _letters(number: int) -> str:
    """a to z, then aa, bb and so on."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _cased(letters: str, way: str) -> str:
    return letters.upper() if way.startswith("upper") else letters
