"""The service as its clients meet it: a real server on a loopback port."""

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api import schemas
from tests.servers.model import ModelServer

ROOT = Path(__file__).resolve().parents[2]
LEAVE = "# Leave\n\nEvery employee has 25 days of annual leave a year.\n"
SALARY = "# Salaries\n\nThe director earns 120,000 euros a year.\n"
CHINESE = "# 年假\n\n员工每年享有十五天带薪年假，需提前两周申请。\n"
KEYS = [
    {"name": "staff", "sha256": hashlib.sha256(b"staff-key").hexdigest(), "groups": []},
    {"name": "board", "sha256": hashlib.sha256(b"board-key").hexdigest(), "groups": ["board"]},
]


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    ours = {"KB_HOME": str(home), "KB_EMBEDDER": "hashing", "KB_PLUGINS": "off", "PYTHONPATH": str(ROOT)}
    return kept | ours | {"XDG_CONFIG_HOME": str(home / "config")} | more


def kb(home: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "api.cli", *arguments]
    done = subprocess.run(command, env=environment(home), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@contextmanager
def serving(home: Path, **more: str) -> Iterator[httpx2.Client]:
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0"]
    with subprocess.Popen(
        command, env=environment(home, **more), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            url = re.search(r"http://\S+", line)
            assert url, line
            with httpx2.Client(base_url=url[0], timeout=60) as client:
                yield client
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) in (0, -signal.SIGTERM)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("http")
    for name, text in (("open/leave.md", LEAVE), ("open/年假.md", CHINESE), ("board/pay.md", SALARY)):
        path = base / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    kb(base / "home", "ingest", str(base / "open"))
    kb(base / "home", "ingest", str(base / "board"), "--allow", "board", "-c", "board")
    return base / "home"


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[httpx2.Client]:
    with serving(home) as client:
        yield client


@pytest.fixture(scope="module")
def keyed(home: Path) -> Iterator[httpx2.Client]:
    with serving(home, KB_KEYS=json.dumps(KEYS)) as client:
        yield client


def ask(question: str, **more: object) -> dict[str, object]:
    return {"question": question, **more}


def problem(response: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    made = response.json()
    schemas.Problem.model_validate_json(response.content)
    assert (made["status"], made["code"]) == (status, code)
    assert made["request_id"] == response.headers["x-request-id"]
    assert "Traceback" not in response.text
    return dict(made)


def events(lines: Iterator[str]) -> list[tuple[str, str, dict[str, Any]]]:
    """(id, event, data) of each event; comments are left out."""
    found, now = [], {}
    for line in lines:
        if line.startswith(":"):
            continue
        if not line and now:
            found.append((now["id"], now["event"], json.loads(now["data"])))
            now = {}
        elif line:
            field, _, value = line.partition(": ")
            now[field] = value
    return found


# --- answers


@pytest.mark.parametrize(
    ("question", "source", "expected"),
    [("How many days of annual leave?", "leave.md", "25 days"), ("年假有几天？", "年假.md", "十五天")],
)
def test_an_answer_quotes_the_stored_text(
    client: httpx2.Client, question: str, source: str, expected: str
) -> None:
    response = client.post("/v1/ask", json=ask(question))
    assert response.headers["content-type"] == "application/json"
    answer = schemas.Answer.model_validate_json(response.content)
    assert answer.status == "answered"
    assert expected in answer.text
    first = answer.citations[0]
    assert first.source == source
    text = client.get(f"/v1/documents/{first.document}/text").text
    assert text[first.start : first.end] == first.quote


def test_what_is_not_in_the_documents_is_an_answer_too(client: httpx2.Client) -> None:
    response = client.post("/v1/ask", json=ask("Who won the football world cup of 1954?"))
    assert response.status_code == 200
    assert response.json()["status"] == "not_found"


def test_history_and_limit_are_taken(client: httpx2.Client) -> None:
    history = [{"role": "user", "content": "annual leave"}, {"role": "assistant", "content": "25 days."}]
    response = client.post("/v1/search", json=ask("annual leave", history=history, limit=1))
    assert len(schemas.Hits.model_validate_json(response.content).hits) == 1


def test_a_collection_is_a_scope(client: httpx2.Client) -> None:
    found = client.post("/v1/search", json=ask("What does the director earn?", collection="board")).json()
    assert {hit["source"] for hit in found["hits"]} == {"pay.md"}
    found = client.post("/v1/search", json=ask("What does the director earn?", collection="default")).json()
    assert "pay.md" not in {hit["source"] for hit in found["hits"]}


@pytest.mark.parametrize("way", ["accept", "stream"])
def test_events_are_pieces_and_then_the_same_answer(client: httpx2.Client, way: str) -> None:
    body = ask("How many days of annual leave?") | ({"stream": True} if way == "stream" else {})
    headers = {"Accept": "text/event-stream"} if way == "accept" else {}
    with client.stream("POST", "/v1/ask", json=body, headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-cache"
        assert response.headers["x-accel-buffering"] == "no"
        found = events(response.iter_lines())
    assert [number for number, _, _ in found] == [str(n) for n in range(1, len(found) + 1)]
    assert [name for _, name, _ in found[:-1]] == ["piece"] * (len(found) - 1)
    assert found[-1][1] == "answer"
    answer = found[-1][2]
    assert "".join(data["text"] for _, _, data in found[:-1]) == answer["text"]
    plain = client.post("/v1/ask", json=body | {"stream": False}).json()
    assert answer["citations"] == plain["citations"]


def test_documents_are_listed_and_shown_exactly(client: httpx2.Client) -> None:
    listed = schemas.Documents.model_validate_json(client.get("/v1/documents").content).documents
    assert sorted(document.source for document in listed) == ["leave.md", "pay.md", "年假.md"]
    one = client.get("/v1/documents", params={"collection": "board"}).json()["documents"]
    assert [document["source"] for document in one] == ["pay.md"]
    response = client.get("/v1/documents/年假.md/text")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.content == CHINESE.encode()


def test_it_lives_and_is_ready(client: httpx2.Client) -> None:
    assert client.get("/livez").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}


def test_a_request_keeps_the_name_that_its_client_gave(client: httpx2.Client) -> None:
    assert client.get("/livez", headers={"X-Request-ID": "abc-1"}).headers["x-request-id"] == "abc-1"
    strange = client.get("/livez", headers={"X-Request-ID": "a b<script>"}).headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", strange)


# --- what is wrong


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad-input"),
        (b"{", 400, "bad-input"),
        (b'{"question": "\xff"}', 400, "bad-input"),
        (b"[" * 50_000, 400, "bad-input"),
        (b"[]", 422, "unfit"),
        (b"{}", 422, "unfit"),
        (b'{"question": 7}', 422, "unfit"),
        (b'{"question": "x", "limit": 1000}', 422, "unfit"),
        (b'{"question": "x", "history": [{"role": "system", "content": "x"}]}', 422, "unfit"),
        (b'{"question": "x", "nonsense": 1}', 422, "unfit"),
        (b'{"question": ""}', 400, "bad-input"),
        (b'{"question": "  \\u0000\\u0007 "}', 400, "bad-input"),
        (b'{"question": "' + b"x" * 5_000 + b'"}', 413, "too-large"),
        (b'{"question": "' + b"x" * 1_000_001 + b'"}', 413, "too-large"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search"])
def test_a_wrong_body_is_a_problem(
    client: httpx2.Client, path: str, body: bytes, status: int, code: str
) -> None:
    response = client.post(path, content=body, headers={"Content-Type": "application/json"})
    made = problem(response, status, code)
    assert made["instance"] == path


def test_a_wrong_body_is_a_problem_when_events_were_asked_for(client: httpx2.Client) -> None:
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
    problem(client.post("/v1/ask", content=b'{"question": ""}', headers=headers), 400, "bad-input")


def test_a_body_without_a_length_is_counted_as_it_comes(client: httpx2.Client) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"question": "'
        for _ in range(200):
            yield b"x" * 10_000

    response = client.post("/v1/ask", content=endless(), headers={"Content-Type": "application/json"})
    problem(response, 413, "too-large")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_read(client: httpx2.Client, kind: str) -> None:
    response = client.post("/v1/ask", content=b'{"question": "x"}', headers={"Content-Type": kind})
    problem(response, 415, "not-json")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/v1/ask/", 404, "not-found"),
        ("GET", "/v1/ask", 405, "method-not-allowed"),
        ("DELETE", "/v1/documents", 405, "method-not-allowed"),
        ("GET", "/v1/documents/none/text", 404, "not-found"),
        ("GET", "/docs", 404, "not-found"),
        ("GET", "/" + "x" * 9_000, 414, "target-too-long"),
    ],
)
def test_a_wrong_place_is_a_problem(
    client: httpx2.Client, method: str, path: str, status: int, code: str
) -> None:
    problem(client.request(method, path), status, code)


def test_too_many_headers_are_a_problem(client: httpx2.Client) -> None:
    problem(client.get("/livez", headers={f"X-{n}": "x" for n in range(200)}), 431, "headers-too-large")


def test_another_host_is_a_problem_without_keys(client: httpx2.Client) -> None:
    problem(client.get("/v1/documents", headers={"Host": "evil.example"}), 421, "wrong-host")


@pytest.mark.parametrize("sent", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"x" * 66_000])
def test_what_is_no_http_is_a_problem_and_the_end(client: httpx2.Client, sent: bytes) -> None:
    with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as line:
        line.sendall(sent)
        received = b"".join(iter(lambda: line.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] in (400, 431)


# --- keys


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/ask"),
        ("POST", "/v1/search"),
        ("GET", "/v1/documents"),
        ("GET", "/v1/documents/leave.md/text"),
    ],
)
@pytest.mark.parametrize("headers", [{}, bearer("wrong"), {"X-API-Key": "staff-key"}, {"Authorization": "x"}])
def test_without_a_known_key_there_is_nothing(
    keyed: httpx2.Client, method: str, path: str, headers: dict[str, str]
) -> None:
    body = {"json": ask("leave")} if method == "POST" else {}
    response = keyed.request(method, path, params={"access_token": "staff-key"}, headers=headers, **body)
    problem(response, 401, "unauthenticated")
    assert response.headers["www-authenticate"].startswith("Bearer")


def test_a_key_sees_only_what_its_groups_may_read(keyed: httpx2.Client) -> None:
    for key, sources in (
        ("staff-key", {"leave.md", "年假.md"}),
        ("board-key", {"leave.md", "年假.md", "pay.md"}),
    ):
        found = keyed.get("/v1/documents", headers=bearer(key)).json()["documents"]
        assert {document["source"] for document in found} == sources
    question = ask("What does the director earn a year?")
    board = keyed.post("/v1/ask", json=question, headers=bearer("board-key")).json()
    assert "120,000" in board["text"]
    staff = keyed.post("/v1/ask", json=question, headers=bearer("staff-key"))
    assert "120,000" not in staff.text
    assert "pay.md" not in staff.text
    hits = keyed.post("/v1/search", json=question, headers=bearer("staff-key"))
    assert "pay.md" not in hits.text
    problem(keyed.get("/v1/documents/pay.md/text", headers=bearer("staff-key")), 404, "not-found")


def test_health_needs_no_key(keyed: httpx2.Client) -> None:
    assert keyed.get("/livez").status_code == 200
    assert keyed.get("/readyz", headers={"Host": "kb.example.org"}).status_code == 200


# --- OpenAPI


def test_openapi_is_true(client: httpx2.Client) -> None:
    made = client.get("/openapi.json").json()
    assert set(made["paths"]) == {
        "/v1/ask",
        "/v1/search",
        "/v1/documents",
        "/v1/documents/{id}/text",
        "/livez",
        "/readyz",
    }
    shapes = made["components"]["schemas"]
    referred = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(made)))
    assert referred <= set(shapes)
    assert made["paths"]["/v1/ask"]["post"]["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Ask"
    }
    for path in made["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"]
    example = shapes["Ask"]["examples"][0]
    assert client.post("/v1/ask", json=example).status_code == 200


# --- clients that leave


@pytest.fixture(scope="module")
def upstream() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@contextmanager
def asking(url: httpx2.URL, accept: str) -> Iterator[socket.socket]:
    """A connection on which the question was sent; closed at the end, as by a client that leaves."""
    body = json.dumps(ask("How many days of annual leave?")).encode()
    head = (
        "POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Accept: {accept}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((url.host, url.port or 0)) as line:
        line.sendall(head.encode() + body)
        yield line


@pytest.mark.parametrize(
    ("model", "accept", "until"),
    [
        ("slow", "application/json", b""),  # nothing has come from the model yet
        ("slow", "text/event-stream", b""),
        ("endless=0.3", "application/json", b""),  # the model is writing
        ("endless=0.3", "text/event-stream", b"event: piece"),
    ],
)
def test_when_the_client_leaves_the_model_is_left_too(
    home: Path, upstream: ModelServer, model: str, accept: str, until: bytes
) -> None:
    settings = {"KB_MODEL": f"openai:{model}", "KB_MODEL_URL": upstream.url, "KB_MODEL_KEY": "x"}
    begun, left = len(upstream.requests), upstream.disconnects
    with serving(home, KB_FIRST_TEXT="60", KB_DEADLINE="60", **settings) as client:
        with asking(client.base_url, accept) as line:
            assert upstream.wait_started(count=begun + 1)
            received = b""
            while until not in received:
                received += line.recv(65536)
        assert upstream.wait_disconnect(count=left + 1)
        assert client.get("/livez").status_code == 200


# --- ends


def test_it_stops_while_a_client_is_connected(home: Path) -> None:
    with serving(home) as client:
        line = socket.create_connection((client.base_url.host, client.base_url.port or 0))
        assert client.get("/livez").status_code == 200
    line.close()
