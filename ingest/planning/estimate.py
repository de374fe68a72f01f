"""What an ingest will cost, before it is done: time by the rate of the last run, money by a price list."""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

from ingest.sources import Seen
from rag import atomic
from rag.settings import Settings

RATE_FILE = "ingest-rate.json"
DEFAULT_RATE = 500_000.0  # bytes a second, until a run on this machine says better
START_SECONDS = 1.0  # processes and models
WORTH_NOTING = 1_000_000  # bytes; a smaller run says more of starting than of reading

# US dollars a million tokens; platform.openai.com/docs/pricing, 2026.
PRICES = {"text-embedding-3-small": 0.02, "text-embedding-3-large": 0.13, "text-embedding-ada-002": 0.10}
# Share of a file that is text, by what it is; of the rest, all.
_TEXT = {
    ".pdf": 0.15, ".docx": 0.3, ".pptx": 0.03, ".xlsx": 0.6, ".odt": 0.3, ".odp": 0.03, ".ods": 0.6,
    ".doc": 0.2, ".ppt": 0.03, ".xls": 0.4, ".rtf": 0.5, ".epub": 0.6, ".html": 0.5, ".htm": 0.5,
    ".eml": 0.6, ".msg": 0.2, ".ipynb": 0.5, ".png": 0.002, ".jpg": 0.002, ".jpeg": 0.002, ".tif": 0.001,
}  # fmt: skip
_BYTES_A_TOKEN = 3.0  # Chinese has three bytes a character and about one token, English about four
_SAID_AGAIN = 1.2  # titles and headings are embedded with every passage


@dataclass(frozen=True, slots=True)
class Estimate:
    """`basis` says where the rate is from. `tokens` and `dollars` are of the embedder alone.

    `tokens` is 0 where nothing is paid by tokens. `dollars` is None where the price is not known.
    """

    files: int
    bytes: int
    seconds: float
    basis: Literal["last run", "default"]
    tokens: int = 0
    dollars: float | None = 0.0


def estimate(files: Iterable[Seen], settings: Settings) -> Estimate:
    """What reading these files will take; at most, for passages that are known are not embedded again."""
    files = list(files)
    size = sum(file.size for file in files)
    rate = last_rate(settings.home)
    seconds = START_SECONDS + size / (rate or DEFAULT_RATE) if files else 0.0
    tokens = _tokens(files) if is_paid(settings.embedder) else 0
    dollars = _dollars(settings.embedder, tokens) if tokens else 0.0
    return Estimate(len(files), size, round(seconds, 1), "last run" if rate else "default", tokens, dollars)


def is_paid(embedder: str) -> bool:
    """Whether an embedder is a service that counts tokens."""
    return embedder.startswith("openai:")


def last_rate(home: Path) -> float | None:
    """Bytes a second of the last run that was worth noting; None when there was none."""
    try:
        found = json.loads((home / RATE_FILE).read_text("utf-8"))
        rate = float(found["bytes"]) / float(found["seconds"])
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError):
        return None
    return rate if rate > 0 else None


def note_rate(home: Path, size: int, seconds: float) -> None:
    """Remember how fast a run was; a disk that is full need not fail it."""
    if size >= WORTH_NOTING and seconds > 0:
        with suppress(OSError):
            atomic.write(home / RATE_FILE, json.dumps({"bytes": size, "seconds": round(seconds, 3)}) + "\n")


def _tokens(files: Iterable[Seen]) -> int:
    text = sum(file.size * _TEXT.get(PurePath(file.source).suffix.lower(), 1.0) for file in files)
    return round(text / _BYTES_A_TOKEN * _SAID_AGAIN)


def _dollars(embedder: str, tokens: int) -> float | None:
    """None for a model that is not in the list, and for a service that is not OpenAI's."""
    model, _, options = embedder.partition(":")[2].partition("?")
    price = None if "url=" in options else PRICES.get(model)
    return None if price is None else round(tokens / 1e6 * price, 8)
