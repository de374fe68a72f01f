"""The signed receipt of a deletion: JSON without a word or a name of what was deleted.

It is canonical JSON as RFC 8785 has it for what occurs in it: keys sorted, no floats, UTF-8. White
space between tokens may be added; any other byte that differs is refused.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rag.erase.signing import Installation, fingerprint, is_signed

KIND = "kb.deletion/1"
MOST_BYTES = 64 << 20
_SPACE = re.compile(r'("(?:[^"\\]|\\.)*")|[ \t\n\r]+', re.DOTALL)
_HEX = re.compile(r"[0-9a-f]+")

Body = Mapping[str, Any]


class Verdict(StrEnum):
    """What is to be thought of a receipt."""

    OK = "ok"
    TAMPERED = "tampered"
    FOREIGN = "signed by another installation"


@dataclass(frozen=True, slots=True)
class Looked:
    """A place that was looked through: named figures, and what was found there (names of files; counts)."""

    place: str
    figures: Mapping[str, int]
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erasure removed and what was looked through afterwards; `left` must be empty.

    `text` is the signed receipt. It says how much was found, and not in which files: their names
    stand in `left` only.
    """

    id: str
    documents: tuple[str, ...]
    versions: int
    chunks: int
    answers: int
    probes: int
    files: int
    bytes: int
    left: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict; `body` is empty when the receipt cannot be believed."""

    verdict: Verdict
    body: Body


def signed(body: Body, installation: Installation) -> str:
    """The receipt with its signature, as one line of canonical JSON."""
    public = installation.public
    whole = {**body, "kind": KIND, "installation": fingerprint(public), "public_key": public}
    return canonical({**whole, "signature": installation.sign(canonical(whole).encode())})


def check(data: bytes, public: str | None) -> Checked:
    """Is this receipt as it was signed, and by the holder of `public`? None: no key to compare with."""
    body = _parsed(data)
    if body is None or not _holds(body):
        return Checked(Verdict.TAMPERED, {})
    is_ours = body["public_key"] == public
    return Checked(Verdict.OK if is_ours else Verdict.FOREIGN, body)


def canonical(value: object) -> str:
    """The one spelling of a value made of objects, arrays, strings, whole numbers and truth values."""
    if not _is_plain(value):
        raise ValueError("only objects, arrays, strings, whole numbers and truth values have one spelling")
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _parsed(data: bytes) -> dict[str, Any] | None:
    """The object that these bytes spell canonically, but for white space; else None."""
    try:
        text = data[: MOST_BYTES + 1].decode("utf-8")
        value = json.loads(text)
        is_exact = len(data) <= MOST_BYTES and canonical(value) == _SPACE.sub(r"\1", text)
    except (ValueError, RecursionError):
        return None
    return value if is_exact and isinstance(value, dict) else None


def _holds(body: Body) -> bool:
    texts = [body.get(name) for name in ("signature", "public_key", "installation")]
    if not all(isinstance(text, str) and _HEX.fullmatch(text) for text in texts):
        return False
    signature, public, name = (str(text) for text in texts)
    rest = {key: value for key, value in body.items() if key != "signature"}
    is_named = body.get("kind") == KIND and len(public) == 64 and fingerprint(public) == name
    return is_named and is_signed(canonical(rest).encode(), signature, public)


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(one) for key, one in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, str | int)  # a truth value is an int to Python
