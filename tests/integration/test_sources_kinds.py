"""Each kind of source from end to end: read once, followed, and not read again."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from ingest.sync import register, sync
from ingest.wall.pool import Pool
from rag import open_system
from rag.catalog.sources import Registered
from rag.settings import Settings

pytestmark = pytest.mark.anyio
OLD, NEW, CHINESE = (
    b"# Leave\n\nTwenty days.\n",
    b"# Leave\n\nThirty days, at least.\n",
    "# 年假\n\n年假十天。\n".encode(),
)


class S3:
    """A bucket."""

    variable = "S3_SECRET"

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        pytest.importorskip("moto", reason="the S3 server of the tests")
        from tests.servers.s3 import BUCKET, REGION, S3Server

        self.server = stack.enter_context(S3Server())
        self.secret, self.host, self.url = self.server.secret_key, self.server.host, f"s3://{BUCKET}/docs/"
        self.values = {"endpoint": self.server.url, "region": REGION, "access_key": self.server.access_key}

    def put(self, name: str, body: bytes) -> None:
        self.server.put(f"docs/{name}", body)

    def delete(self, name: str) -> None:
        self.server.delete(f"docs/{name}")

    def reads(self) -> int:
        return self.server.asked["get"]


class Webdav:
    """A share."""

    variable = "DAV_PASSWORD"

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        pytest.importorskip("wsgidav", reason="the WebDAV server of the tests")
        from tests.servers.webdav import PASSWORD, USER, WebdavServer

        self.folder = folder / "share"
        self.folder.mkdir()
        self.server = stack.enter_context(WebdavServer(self.folder))
        self.secret, self.host, self.url = PASSWORD, self.server.host, f"webdav://{self.server.host}/"
        self.values = {"user": USER}

    def put(self, name: str, body: bytes) -> None:
        (self.folder / name).write_bytes(body)

    def delete(self, name: str) -> None:
        (self.folder / name).unlink()

    def reads(self) -> int:
        return self.server.asked["GET"]


@pytest.fixture(scope="module")
def pool():
    with Pool(Settings(embedder="hashing", workers=1)) as made:
        yield made


@pytest.mark.parametrize("kind", [S3, Webdav])
async def test_a_source_is_read_once_and_followed(kind, tmp_path, pool, monkeypatch):
    with ExitStack() as stack:
        world = kind(stack, tmp_path)
        monkeypatch.setenv(kind.variable, world.secret)
        for name, body in (("leave.md", OLD), ("年假.md", CHINESE), ("gone.md", b"# Gone\n\nSoon.\n")):
            world.put(name, body)
        settings = Settings(home=tmp_path / "home", embedder="hashing", private_hosts=world.host)
        async with open_system(settings) as system:
            register(system, Registered("x", world.url, "x", world.values, key_env=kind.variable))
            first = await sync(system, "x", pool=pool)
            assert (sorted(first.new), first.failed, world.reads()) == (
                ["gone.md", "leave.md", "年假.md"],
                [],
                3,
            )
            assert (await sync(system, "x", pool=pool)).unchanged == 3
            assert world.reads() == 3
            world.put("leave.md", NEW)
            world.delete("gone.md")
            last = await sync(system, "x", pool=pool)
            assert (last.changed, last.removed, last.left, world.reads()) == (
                ["leave.md"],
                ["gone.md"],
                [],
                4,
            )
            assert "Thirty" in (await system.search("leave days"))[0].text


async def test_a_mailbox_is_read_once_and_followed(tmp_path, pool, monkeypatch):
    pytest.importorskip("pymap", reason="the IMAP server of the tests")
    from tests.servers.imap import PASSWORD, USER, ImapServer

    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    with ImapServer(tmp_path) as server:
        link = server.client()
        link.create("kb")
        for word in ("Twenty", "十天"):
            message = (
                f"From: a@example.org\r\nSubject: Leave {word}\r\nContent-Type: text/plain; charset=utf-8\r\n"
            )
            link.append("kb", "", None, f"{message}\r\nAnnual leave: {word} days.\r\n".encode())
        host = f"127.0.0.1:{server.tls_port}"
        settings = Settings(home=tmp_path / "home", embedder="hashing", private_hosts=host)
        async with open_system(settings) as system:
            url, values = f"imaps://{USER}@{host}/kb", {"ca": str(server.ca)}
            register(system, Registered("mail", url, "mail", values, key_env="MAIL_PASSWORD"))
            assert len((await sync(system, "mail", pool=pool)).new) == 2
            assert (await sync(system, "mail", pool=pool)).unchanged == 2
            assert server.asked("BODY.PEEK") == 2
            link.select("kb")
            link.store("1", "+FLAGS", r"(\Deleted)")
            link.logout()
            report = await sync(system, "mail", pool=pool)
            assert (len(report.removed), report.unchanged, report.left) == (1, 1, [])
