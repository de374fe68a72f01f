from pathlib import Path

import pytest

from ingest.planning.estimate import (
    DEFAULT_RATE,
    RATE_FILE,
    START_SECONDS,
    Estimate,
    estimate,
    last_rate,
    note_rate,
)
from ingest.sources import Seen
from rag.settings import Settings


def files(*sizes: int, suffix: str = ".md") -> list[Seen]:
    return [Seen(f"/d/{n}{suffix}", f"{n}{suffix}", None, size, 1) for n, size in enumerate(sizes)]


def cost(home: Path, some: list[Seen], embedder: str = "wordllama") -> Estimate:
    return estimate(some, Settings(home=home, embedder=embedder))


def test_without_a_run_the_time_is_a_guess_and_says_so(tmp_path: Path) -> None:
    found = cost(tmp_path, files(1_000_000, 1_000_000))
    assert (found.files, found.bytes, found.basis) == (2, 2_000_000, "default")
    assert found.seconds == START_SECONDS + 2_000_000 / DEFAULT_RATE


def test_the_time_follows_the_last_run(tmp_path: Path) -> None:
    note_rate(tmp_path, 10_000_000, 5.0)
    found = cost(tmp_path, files(20_000_000))
    assert (found.basis, found.seconds) == ("last run", START_SECONDS + 10.0)


def test_a_small_run_says_nothing_of_the_rate(tmp_path: Path) -> None:
    note_rate(tmp_path, 1000, 5.0)
    assert last_rate(tmp_path) is None


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"bytes": 1, "seconds": 0}', '{"bytes": "x", "seconds": 1}']
)
def test_a_broken_note_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / RATE_FILE).write_text(text)
    assert last_rate(tmp_path) is None


def test_nothing_to_read_costs_nothing(tmp_path: Path) -> None:
    assert cost(tmp_path, []).seconds == 0.0


def test_an_embedder_of_this_machine_costs_no_money(tmp_path: Path) -> None:
    found = cost(tmp_path, files(10_000_000))
    assert (found.tokens, found.dollars) == (0, 0.0)


def test_a_paid_embedder_is_counted_in_dollars(tmp_path: Path) -> None:
    found = cost(tmp_path, files(3_000_000), "openai:text-embedding-3-small")
    assert found.tokens == 1_200_000
    assert found.dollars == 0.024
    large = cost(tmp_path, files(3_000_000), "openai:text-embedding-3-large")
    assert large.dollars == 0.156


def test_a_pdf_is_not_all_text(tmp_path: Path) -> None:
    embedder = "openai:text-embedding-ada-002"
    page, text = cost(tmp_path, files(10**6, suffix=".pdf"), embedder), cost(tmp_path, files(10**6), embedder)
    assert page.tokens < text.tokens / 5


@pytest.mark.parametrize("embedder", ["openai:of-tomorrow", "openai:text-embedding-3-small?url=http://h/v1"])
def test_an_unknown_price_is_unknown_and_never_nothing(tmp_path: Path, embedder: str) -> None:
    found = cost(tmp_path, files(3_000_000), embedder)
    assert found.tokens > 0
    assert found.dollars is None
