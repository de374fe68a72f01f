import numpy as np
import pytest

from rag.embedders import openai
from rag.embedders._answer import read
from rag.embedders.openai import Embeddings, batches, connect
from rag.errors import BackendError, ConfigError, Throttled, TimedOut, Unreachable
from rag.settings import Settings
from tests.servers.embedding import DIMENSIONS, EmbeddingServer

TEXTS = ["annual leave is twenty days", "年假每年十天", "travel expenses are paid in euros"]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(openai, "FIRST_PAUSE", 0.0)


def open_embedder(server: EmbeddingServer, model: str = "honest", more: str = "", **settings) -> Embeddings:
    return connect(f"{model}?dimensions={DIMENSIONS}&url={server.v1}{more}", Settings(**settings))


def test_each_text_gets_its_vector_at_unit_length(server):
    embedder = open_embedder(server)
    rows = embedder.passages(TEXTS)
    assert rows.dtype == np.float16
    assert np.allclose(np.linalg.norm(rows.astype(np.float32), axis=1), 1, atol=2e-3)
    for text, row in zip(TEXTS, rows, strict=True):
        assert embedder.query(text) @ row.astype(np.float32) > 0.999


@pytest.mark.parametrize("model", ["backwards", "packed", "unnumbered"])
def test_the_order_of_the_items_and_their_packing_do_not_matter(server, model):
    assert np.array_equal(open_embedder(server, model).passages(TEXTS), open_embedder(server).passages(TEXTS))


def test_blank_texts_are_not_sent_and_are_nought(server):
    rows = open_embedder(server).passages(["", TEXTS[0], " \n"])
    assert np.linalg.norm(rows.astype(np.float32), axis=1) == pytest.approx([0, 1, 0], abs=2e-3)
    assert server.requests[-1]["input"] == [TEXTS[0]]
    assert not open_embedder(server, "status-500").query("  ").any()


def test_many_texts_go_in_several_requests_and_come_back_in_order(server):
    embedder = open_embedder(server, more="&rows=10")
    texts = [f"text number {n} 第{n}条" for n in range(25)]
    before = len(server.requests)
    rows = embedder.passages(texts)
    assert [len(request["input"]) for request in server.requests[before:]] == [10, 10, 5]
    assert np.array_equal(rows, np.concatenate([embedder.passages([text]) for text in texts]))


def test_a_request_is_bounded_by_rows_and_by_characters():
    texts = ["a" * 50_000, "中" * 3_000] * 30
    found = list(batches(texts, 20))
    assert [len(text) for batch in found for text in batch] == [6_000, 3_000] * 30
    assert all(len(batch) <= 20 and sum(map(len, batch)) <= openai.BATCH_CHARACTERS for batch in found)
    assert list(batches([], 20)) == []


@pytest.mark.parametrize("fault", ["once-429=0", "once-429=soon", "once-500=", "once-503=0", "once-504="])
def test_what_may_pass_is_tried_again(server, fault):
    embedder = open_embedder(server, fault)
    assert np.array_equal(embedder.passages(TEXTS), open_embedder(server).passages(TEXTS))
    assert server.count(fault) == 2


def test_a_wait_that_does_not_fit_into_the_deadline_is_not_begun(server):
    with pytest.raises(Throttled) as caught:
        open_embedder(server, "status-429=60", deadline=20).query("leave")
    assert caught.value.retry_after == 60
    assert server.count("status-429=60") == 1


def test_trying_again_ends_with_the_deadline(server):
    with pytest.raises(BackendError):
        open_embedder(server, "status-503=0", deadline=0.3).query("leave")
    assert server.count("status-503=0") > 1


@pytest.mark.parametrize("status", [400, 401, 404, 302])
def test_what_will_not_pass_is_not_tried_again_and_the_hint_names_the_setting(server, status):
    with pytest.raises(BackendError) as caught:
        open_embedder(server, f"status-{status}").query("leave")
    assert str(status) in str(caught.value)
    assert "KB_EMBEDDER" in caught.value.hint
    assert "secret" not in str(caught.value) + caught.value.hint
    assert server.count(f"status-{status}") == 1


REFUSED = [
    "short",
    "long",
    "empty",
    "strings",
    "twice",
    "outside",
    "index-true",
    "index-text",
    "text",
    "null",
]
REFUSED += ["nested", "narrow", "nan", "endless", "nought", "html", "list"]


@pytest.mark.parametrize("fault", REFUSED)
def test_an_answer_that_is_not_one_true_vector_a_text_is_refused(server, fault):
    with pytest.raises(BackendError, match="embedding service sen"):
        open_embedder(server, fault).passages(TEXTS)
    assert server.count(fault) == 1


def test_vectors_of_other_dimensions_are_refused_with_both_numbers(server):
    embedder = connect(f"honest?dimensions=1024&url={server.v1}", Settings())
    with pytest.raises(BackendError, match=rf"{DIMENSIONS} dimensions, not 1024"):
        embedder.query("leave")


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_a_service_that_hangs_or_drips_is_left_at_the_deadline(server, fault):
    with pytest.raises(TimedOut):
        open_embedder(server, fault, deadline=0.2).query("leave")


@pytest.mark.parametrize("fault", ["drop", "half"])
def test_a_connection_that_breaks_is_unreachable(server, fault, monkeypatch):
    monkeypatch.setattr(openai, "FIRST_PAUSE", 100.0)  # longer than the deadline: it is not tried again
    with pytest.raises(Unreachable):
        open_embedder(server, fault).query("leave")


def test_no_service_at_all_is_unreachable(monkeypatch):
    monkeypatch.setattr(openai, "FIRST_PAUSE", 100.0)
    with EmbeddingServer() as gone:
        embedder = open_embedder(gone)
    with pytest.raises(Unreachable, match="no connection"):
        embedder.query("leave")


def test_more_bytes_than_any_answer_needs_are_not_read(server, monkeypatch):
    monkeypatch.setattr(openai, "MAX_BYTES", 1_000)
    with pytest.raises(BackendError, match="more than any answer needs"):
        open_embedder(server).passages(TEXTS)


def test_more_vectors_than_texts_are_refused_with_and_without_their_numbers():
    vector = {"embedding": [1.0, 0.0]}
    for items in ([vector, vector], [{**vector, "index": 0}, {**vector, "index": 1}]):
        with pytest.raises(BackendError, match="2 embeddings for 1 texts"):
            read({"data": items}, 1, 2)


def test_its_id_names_the_model_and_its_dimensions():
    key = {"model_key": "k"}
    assert connect("text-embedding-3-small", Settings(**key)).id == "openai-text-embedding-3-small-1536"
    assert connect("text-embedding-3-small?dimensions=512", Settings(**key)).id.endswith("-small-512")


def test_a_shorter_vector_is_asked_for_only_where_the_model_is_known_to_give_it(server, monkeypatch):
    open_embedder(server).query("leave")
    assert "dimensions" not in server.requests[-1]
    monkeypatch.setitem(openai.SIZES, "honest", 2 * DIMENSIONS)
    open_embedder(server).query("leave")
    assert server.requests[-1]["dimensions"] == DIMENSIONS


def test_the_key_of_the_model_service_is_not_sent_to_another(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")
    open_embedder(server, model_key="sk-of-the-model").query("leave")
    assert "authorization" not in server.headers[-1]
    connect(f"honest?dimensions={DIMENSIONS}", Settings(model_url=server.v1, model_key="sk-own")).query(
        "leave"
    )
    assert server.headers[-1]["authorization"] == "Bearer sk-own"
    open_embedder(server, embedder_key="sk-embedder").query("leave")
    assert server.headers[-1]["authorization"] == "Bearer sk-embedder"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "names no model"),
        ("text-embedding-3-small", "no key"),
        ("nomic-embed-text?url=http://127.0.0.1:1", "how many dimensions"),
        ("m?dimensions=8&url=nowhere", "no address"),
        ("m?dimensions=8&url=http://[", "no address"),
        ("m?dimensions=-1&url=http://127.0.0.1:1", "no number"),
        ("m?dimensions=٣&url=http://127.0.0.1:1", "no number"),
        ("m?dimensions=8&rows=0&url=http://127.0.0.1:1", "no number"),
        ("m?size=8", "no option 'size'"),
        ("text-embedding-3-small?dimensions=4000&url=http://127.0.0.1:1", "has 1536"),
        ("text-embedding-ada-002?dimensions=256&url=http://127.0.0.1:1", "has 1536"),
    ],
)
def test_a_setting_that_does_not_say_enough_is_answered_with_what_is_missing(name, said):
    with pytest.raises(ConfigError, match=said) as caught:
        connect(name, Settings())
    assert caught.value.hint
