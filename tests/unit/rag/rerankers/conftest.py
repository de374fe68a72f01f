from collections.abc import Iterator

import pytest

from tests.servers.embedding import EmbeddingServer


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as running:
        yield running
