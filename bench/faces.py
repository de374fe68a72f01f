"""Ten questions through every face, on the embedded store and on a real Weaviate.

    python -m bench.faces

All faces must cite the same documents, and every quote must stand in what `kb show` prints.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

from bench.results import save
from bench.speed import SAMPLES, serving
from rag import open_system
from tests.servers.weaviate import WeaviateServer, build

KB = str(Path(sys.executable).with_name("kb"))
QUESTIONS = (
    "What daily allowance do I get for a trip to Germany?",
    "我在公司干了四年，一年有几天年假？",
    "How much does the T20 weigh?",
    "利兹办公室的员工推荐朋友入职，有多少奖金？",
    "What is the parking fee at Manchester airport?",
    "My work laptop was stolen on the train. How much time do I have to report it?",
    "出差住酒店，北京每晚最多能报多少？",
    "Between what times do I absolutely have to be available?",
    "忘记密码怎么办？",
    "How long is the guarantee on the T40?",
)


def main() -> dict[str, object]:
    """Both stores; returns the figures."""
    figures: dict[str, object] = {"questions": len(QUESTIONS)}
    with tempfile.TemporaryDirectory() as place:
        local = _store(Path(place) / "local", {})
        build()
        with WeaviateServer(Path(place) / "server") as server:
            remote = _store(Path(place) / "weaviate", {"KB_STORE": server.url})
    for name, found in (("local", local), ("weaviate", remote)):
        figures[name] = {
            "faces_that_cite_alike": sum(len({tuple(f) for f in faces}) == 1 for faces in found["cited"]),
            "quotes": found["quotes"],
            "quotes_verbatim": found["verbatim"],
        }
    same = [a[0] == b[0] for a, b in zip(local["cited"], remote["cited"], strict=True)]
    figures["stores_that_cite_alike"] = sum(same)
    figures["cited"] = dict(zip(QUESTIONS, (faces[0] for faces in local["cited"]), strict=True))
    return figures


def _store(home: Path, extra: dict[str, str]) -> dict[str, Any]:
    environment = {**os.environ, **extra, "KB_HOME": str(home)}
    subprocess.run([KB, "ingest", str(SAMPLES)], env=environment, capture_output=True, check=False)
    cited: list[list[list[str]]] = []
    quotes: list[tuple[str, int, int, str]] = []
    with serving([KB, "serve", "--port"], environment) as port:
        for question in QUESTIONS:
            answers = [
                _cli(question, environment),
                _json(port, question),
                _events(port, question),
                asyncio.run(_python(home, extra, question)),
            ]
            cited.append([[c["source"] for c in answer["citations"]] for answer in answers])
            quotes += [
                (c["source"], c["start"], c["end"], c["quote"]) for a in answers for c in a["citations"]
            ]
    texts = {source: _show(source, environment) for source, *_ in quotes}
    verbatim = sum(texts[source][start:end] == quote for source, start, end, quote in quotes)
    return {"cited": cited, "quotes": len(quotes), "verbatim": verbatim}


def _cli(question: str, environment: dict[str, str]) -> dict[str, Any]:
    run = subprocess.run([KB, "ask", question, "--json"], env=environment, capture_output=True, check=False)
    found: dict[str, Any] = json.loads(run.stdout)["data"]
    return found


def _show(source: str, environment: dict[str, str]) -> str:
    run = subprocess.run([KB, "show", source], env=environment, capture_output=True, check=True)
    return run.stdout.decode()


def _json(port: int, question: str) -> dict[str, Any]:
    with _post(port, {"question": question}) as reply:
        found: dict[str, Any] = json.load(reply)
        return found


def _events(port: int, question: str) -> dict[str, Any]:
    """The answer event, whose text must be the pieces joined."""
    with _post(port, {"question": question, "stream": True}) as reply:
        blocks = reply.read().decode().strip().split("\n\n")
    events = [_event(block) for block in blocks if not block.startswith(":")]
    answer: dict[str, Any] = next(data for name, data in events if name == "answer")
    assert "".join(data["text"] for name, data in events if name == "piece") == answer["text"]
    return answer


def _event(block: str) -> tuple[str, dict[str, Any]]:
    fields = dict(line.split(": ", 1) for line in block.splitlines())
    return fields["event"], json.loads(fields["data"])


def _post(port: int, body: dict[str, object]) -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/ask",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    return urllib.request.urlopen(request, timeout=30)


async def _python(home: Path, extra: dict[str, str], question: str) -> dict[str, Any]:
    async with open_system(home=home, store=extra.get("KB_STORE")) as system:
        answer = await system.ask(question)
    return {
        "citations": [
            {"source": c.source, "start": c.start, "end": c.end, "quote": c.quote} for c in answer.citations
        ]
    }


if __name__ == "__main__":
    save("faces", main())
