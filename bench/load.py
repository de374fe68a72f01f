"""A small HTTP load: some connections, one request each at a time, for some seconds."""

import asyncio
import json
import time


async def rate(port: int, path: str, body: dict[str, object], *, connections: int, seconds: float) -> float:
    """Finished requests a second; any answer but 200 is an error."""
    payload = json.dumps(body, ensure_ascii=False).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(payload)}\r\n\r\n".encode() + payload
    until = time.perf_counter() + seconds
    started = time.perf_counter()
    done = await asyncio.gather(*(_client(port, request, until) for _ in range(connections)))
    return sum(done) / (time.perf_counter() - started)


async def _client(port: int, request: bytes, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    done = 0
    while time.perf_counter() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        await reader.readexactly(length)
        done += 1
    writer.close()
    return done
