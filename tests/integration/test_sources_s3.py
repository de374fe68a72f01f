"""Objects of a bucket, from an S3 service that checks signatures."""

from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from pydantic import SecretStr

from ingest.sources import Options, s3
from rag.errors import BackendError, BadInput, NotFound, UnreadableFile

pytest.importorskip("moto", reason="the S3 server of the tests: pip install 'moto[s3]' flask flask-cors")

from tests.servers.s3 import BUCKET, REGION, S3Server


@pytest.fixture
def server():
    with S3Server() as running:
        yield running


@pytest.fixture
def options(server, tmp_path):
    return Options(
        "bucket",
        tmp_path / "spool",
        values={"endpoint": server.url, "region": REGION, "access_key": server.access_key},
        secret=SecretStr(server.secret_key),
        private_hosts=frozenset({server.host}),
    )


@contextmanager
def bucket(options, prefix=""):
    with closing(s3.connect(f"s3://{BUCKET}/{prefix}", options)) as source:
        yield source


def test_objects_below_a_prefix_are_listed_and_read(server, options):
    server.put("handbook/leave.md", b"# Leave")
    server.put("handbook/中文/年假 说明+1.md", "# 年假".encode())
    server.put("other/no.md", b"no")
    with bucket(options, "handbook/") as source:
        walked = source.walk()
        assert [file.source for file in walked.files] == ["leave.md", "中文/年假 说明+1.md"]
        assert [source.fetch(file).read_bytes() for file in walked.files] == [b"# Leave", "# 年假".encode()]
        assert all(file.place.startswith(walked.root + "/") for file in walked.files)


def test_a_list_is_enough_to_see_what_changed_and_what_is_gone(server, options):
    for name in ("a.md", "b.md", "c.md"):
        server.put(name, name.encode())
    with bucket(options) as source:
        first = {file.source: file.etag for file in source.walk().files}
        server.put("b.md", b"other words")
        server.delete("c.md")
        second = {file.source: file.etag for file in source.walk().files}
    assert (second["a.md"] == first["a.md"], second["b.md"] == first["b.md"], "c.md" in second) == (
        True,
        False,
        False,
    )
    assert server.asked == {"list": 2}


def test_a_bucket_of_more_than_a_thousand_objects_is_listed_to_its_end(server, options):
    for number in range(1_005):
        server.put(f"p/{number:04}.md", b"x")
    with bucket(options) as source:
        assert len({file.place for file in source.walk().files}) == 1_005
    assert server.asked == {"list": 2}


def test_folders_and_hidden_objects_are_left_out(server, options):
    for key in ("docs/", "docs/.git/config", "docs/~$open.docx", "docs/a.md"):
        server.put(key, b"")
    with bucket(options) as source:
        assert [file.source for file in source.walk().files] == ["docs/a.md"]


@pytest.mark.parametrize("wrong", [{"secret": SecretStr("wrong")}, {"values": {"access_key": "AKIAWRONG"}}])
def test_a_wrong_key_is_said_and_nothing_of_it_is_shown(options, wrong):
    values = {**options.values, **wrong.get("values", {})}
    opened = bucket(replace(options, **{**wrong, "values": values}))
    with opened as source, pytest.raises(BackendError, match="the S3 service answered 403") as caught:
        source.walk()
    assert "--key-env" in caught.value.hint
    assert options.secret.get_secret_value() not in str(caught.value)


def test_a_bucket_that_is_not_there_is_named_as_such(options):
    with closing(s3.connect("s3://nothing-here", options)) as source, pytest.raises((NotFound, BackendError)):
        source.walk()


def test_an_object_that_changes_while_it_is_read_waits_for_the_next_run(server, options):
    server.put("a.md", b"old")
    with bucket(options) as source:
        seen = source.walk().files[0]
        server.put("a.md", b"new")
        with pytest.raises(UnreadableFile, match="changed while it was read"):
            source.fetch(seen)
        server.delete("a.md")
        with pytest.raises(UnreadableFile):
            source.fetch(seen)
    assert not list(options.spool.iterdir())


def test_an_object_larger_than_allowed_is_not_kept(server, options):
    server.put("a.md", b"x" * (2 << 20))
    with bucket(replace(options, max_bytes=1 << 20)) as source:
        seen = source.walk().files[0]
        with pytest.raises(UnreadableFile, match="larger than 1 MB"):
            source.fetch(seen)


@pytest.mark.parametrize(
    ("url", "secret", "said"),
    [
        ("s3:///prefix", "", "no bucket"),
        ("s3://bucket?reign=x", "", "no option 'reign'"),
        ("s3://bucket?access_key=AKIA", "", "both an access key and a secret key"),
        ("s3://bucket?endpoint=http://minio.example.org&access_key=A", "key", "not sent unencrypted"),
        ("s3://bucket?endpoint=file:///etc", "", "file is not read from the web"),
    ],
)
def test_a_wrong_address_is_named(tmp_path, url, secret, said):
    with pytest.raises(BadInput, match=said):
        s3.connect(url, Options("x", tmp_path, secret=SecretStr(secret)))
