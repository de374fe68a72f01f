"""The second reader: slower, lenient where pdfium is not, and without boxes."""

import logging
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from rag.errors import UnreadableFile

STREAM_BYTES = 16_000_000  # pypdf's own bounds allow several times as much, for each of many streams
_LIMITS = dict.fromkeys(
    (
        "maximum_declared_stream_length",
        "array_based_stream_maximum_output_length",
        "jbig2_maximum_output_length",
        "lzw_maximum_output_length",
        "run_length_maximum_output_length",
        "zlib_maximum_output_length",
        "brotli_maximum_output_length",
        "image_maximum_buffer_size",
    ),
    STREAM_BYTES,
)


def read(data: bytes, passwords: Sequence[str], most: int) -> tuple[str, list[str]] | None:
    """Title and the pages' text; None where a password is wanted that is not among `passwords`.

    `UnreadableFile` where pypdf cannot read it, or where a page sets text that may not be seen:
    pypdf does not tell which of it.
    """
    from pypdf import PdfReader, apply_configuration
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it says of the file stands in our report
    try:
        with apply_configuration(None, **_LIMITS):
            reader = PdfReader(BytesIO(data))
            if reader.is_encrypted and not any(reader.decrypt(word) for word in ("", *passwords)):
                return None
            title = ((reader.metadata and reader.metadata.title) or "").strip()
            return title, [_text(page) for page in reader.pages[:most]]
    except UnreadableFile:
        raise
    except (
        PyPdfError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RuntimeError,
        ArithmeticError,
    ) as error:
        raise UnreadableFile(
            f"neither pdfium nor pypdf can read it: {error}", hint="open it in a PDF program and save it anew"
        ) from error


def _text(page: Any) -> str:
    suspect = False

    def look(operator: bytes, operands: Sequence[Any], cm: Any, tm: Any) -> None:
        nonlocal suspect
        suspect = suspect or _may_hide(operator, operands)

    found: str = page.extract_text(visitor_operand_before=look)
    if suspect and found.strip():
        raise UnreadableFile(
            "only pypdf can read it, and it cannot tell hidden text from visible",
            state="quarantined",
            hint="print it to a new PDF, and ingest that",
        )
    return found


def _may_hide(operator: bytes, operands: Sequence[Any]) -> bool:
    """True for invisible ink, white paint and tiny letters."""
    match operator:
        case b"Tr":
            return bool(operands) and int(operands[0]) in (3, 7)
        case b"g" | b"rg":
            return bool(operands) and min(map(float, operands)) > 0.8
        case b"k":
            return bool(operands) and max(map(float, operands)) < 0.2
        case b"Tf":
            return len(operands) > 1 and abs(float(operands[1])) < 0.05
    return False
