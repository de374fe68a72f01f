"""Numbers that belong to one person or account, told from other numbers by their checksums."""

import re
from collections.abc import Iterator

_OTHER_DIGIT = re.compile(r"(?![0-9])\d")  # full-width and the like
_WIDE_X = str.maketrans("Ｘｘ", "Xx")
_GROUP = re.compile(r"\d+")
GAPS = " \n\u00a0\u2002-\u200a\u202f\u3000\u2010-\u2015._·-"  # between the groups of one number, as a class
_GAP = re.compile(f"[{GAPS}]{{1,2}}")
_MOST_GROUPS, _MOST_DIGITS = 6, 19
_CARD_START = re.compile("[3-6]|2[2-7]|1800|2131")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
# Lengths of the IBAN by country: other lengths are other things.
_IBAN_LENGTHS = dict(
    part.split(":")
    for part in """AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BR:29 BY:28 CH:21 CR:22 CY:28 CZ:24
    DE:22 DK:18 DO:28 EE:20 EG:29 ES:24 FI:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 GR:27 GT:28
    HR:21 HU:28 IE:22 IL:23 IQ:23 IS:26 IT:27 JO:30 KW:30 KZ:20 LB:28 LC:32 LI:21 LT:20 LU:20
    LV:21 LY:25 MC:27 MD:24 ME:22 MK:19 MR:27 MT:31 MU:30 NL:18 NO:15 PK:24 PL:28 PS:29 PT:25
    QA:29 RO:24 RS:22 SA:24 SC:31 SE:24 SI:19 SK:24 SM:27 SV:28 TL:23 TN:24 TR:26 UA:29 VA:22
    VG:24 XK:20""".split()
)


def hidden_numbers(text: str, start: int) -> Iterator[tuple[int, int, str]]:
    """(start, end, what it is) of identity and bank card numbers, in order."""
    if not text.isascii():  # one for one: places stay
        text = _OTHER_DIGIT.sub(lambda match: str(int(match[0])), text).translate(_WIDE_X)
    groups = [match.span() for match in _GROUP.finditer(text, start)]
    done = start
    for i, (first, _) in enumerate(groups):
        if first >= done and (found := _at(text, groups, i)):
            yield first, *found
            done = found[0]


def is_id_card(number: str) -> bool:
    """True for 18 characters with a possible birth date and the right check character."""
    if not (len(number) == 18 and "1800" <= number[6:10] < "2100"):
        return False
    if not ("01" <= number[10:12] <= "12" and "01" <= number[12:14] <= "31"):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17].upper()


def is_bank_card(number: str) -> bool:
    """True for 13 to 19 digits of a card network with the right check digit."""
    if not (13 <= len(number) <= 19 and _CARD_START.match(number)):
        return False
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[::2] + [_DOUBLED[d] for d in digits[1::2]]) % 10 == 0


def is_iban(text: str) -> int:
    """How many characters at the beginning of `text` are an IBAN, spaces and dashes included; else 0."""
    wanted = int(_IBAN_LENGTHS.get(text[:2].upper(), 0))
    compact, end = "", 0
    while end < len(text) and len(compact) < wanted:
        compact += text[end] if text[end] not in " -" else ""
        end += 1
    if not wanted or len(compact) < wanted or text[end : end + 1].isalnum():
        return 0
    moved = compact[4:] + compact[:4]
    return end if int("".join(str(int(c, 36)) for c in moved)) % 97 == 1 else 0


def _at(text: str, groups: list[tuple[int, int]], i: int) -> tuple[int, str] | None:
    """The longest such number that begins with group `i`: its end and its name.

    One line feed may break it, unless what stands before the line feed is a number already.
    """
    digits, best = "", None
    sizes: list[int] = []
    for start, end in groups[i : i + _MOST_DIGITS]:
        if sizes and not _GAP.fullmatch(text, groups[i + len(sizes) - 1][1], start):
            break
        broken = text.count("\n", groups[i][0], start)
        if broken > 1 or (broken and best and "\n" in text[best[0] : start]):
            break
        digits += text[start:end]
        sizes.append(end - start)
        if len(digits) > _MOST_DIGITS:
            break
        if len(digits) >= 13 and (found := _named(text, end, digits, sizes, groups[i][0])):
            best = found
    return best


def _named(text: str, end: int, digits: str, sizes: list[int], first: int) -> tuple[int, str] | None:
    spaced_out = max(sizes) == 1
    if len(sizes) > _MOST_GROUPS and not spaced_out:
        return None
    if len(digits) == 17 and text[end : end + 1] in ("X", "x") and is_id_card(digits + "X"):
        return end + 1, "id card"
    if is_id_card(digits):
        return end, "id card"
    if len(sizes) > 1 and min(sizes) == 1 and not spaced_out:
        return None
    fraction = text[first - 1 : first] in (".", ",") and text[first - 2 : first - 1].isdigit()
    return (end, "bank card") if is_bank_card(digits) and not fraction else None
