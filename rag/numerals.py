"""Values of numbers as texts write them: figures, English words, Chinese numerals."""

import re

_SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_MONTHS = "january february march april may june july august september october november december"
_PLACES = {"十": 10, "百": 100, "千": 1000}

FIGURES = r"(?<!\d)\d{1,3}(?:[,\u0020\u00a0\u202f]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
CHINESE = "零一二两三四五六七八九十百千万"
LONGEST_CHINESE = 16  # characters of a numeral; a bound keeps patterns linear
ENGLISH = {word: float(i) for i, word in enumerate(_SMALL.split())} | {
    word: float(10 * i) for i, word in enumerate(_TENS.split(), 2)
}
MONTHS = {name: i for i, name in enumerate(_MONTHS.split(), 1)}


def value(number: str) -> float:
    """The value of figures, of a small English number word or of a Chinese numeral."""
    if number[0] in CHINESE:
        return chinese(number)
    if number[0].isalpha():
        return ENGLISH[number.lower()]
    return float(re.sub(r"[,\s]", "", number))


def chinese(number: str) -> float:
    """The value of a Chinese numeral up to the ten thousands."""
    total, section, digit = 0, 0, 0
    for character in number:
        if character in _PLACES:
            section += (digit or 1) * _PLACES[character]
            digit = 0
        elif character == "万":
            total, section, digit = total + (section + digit or 1) * 10_000, 0, 0
        else:
            digit = "零一二三四五六七八九".find(character) if character != "两" else 2
    return float(total + section + digit)
