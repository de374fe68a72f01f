"""Files of a WebDAV share, from a real server over a folder."""

from contextlib import closing
from dataclasses import replace

import pytest
from pydantic import SecretStr

from ingest.sources import Options, webdav
from rag.errors import BackendError, BadInput, NotFound, UnreadableFile

pytest.importorskip("wsgidav", reason="the WebDAV server of the tests: pip install wsgidav")

from tests.servers.webdav import PASSWORD, USER, WebdavServer


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "share"
    (place / "中文 文档").mkdir(parents=True)
    (place / "leave.md").write_text("# Leave", "utf-8")
    (place / "中文 文档" / "年假 #1.md").write_text("# 年假", "utf-8")
    (place / ".hidden.md").write_text("no", "utf-8")
    return place


@pytest.fixture
def server(folder):
    with WebdavServer(folder) as running:
        yield running


@pytest.fixture
def options(server, tmp_path):
    secret, hosts = SecretStr(PASSWORD), frozenset({server.host})
    return Options("share", tmp_path / "spool", {"user": USER}, secret, private_hosts=hosts)


@pytest.fixture
def share(server, options):
    with closing(webdav.connect(f"webdav://{server.host}/", options)) as source:
        yield source


def test_all_files_below_are_found_and_read(share):
    walked = share.walk()
    assert sorted(file.source for file in walked.files) == ["leave.md", "中文 文档/年假 #1.md"]
    read = {file.source: share.fetch(file).read_text("utf-8") for file in walked.files}
    assert read == {"leave.md": "# Leave", "中文 文档/年假 #1.md": "# 年假"}


def test_one_request_a_folder_says_what_changed_and_what_is_gone(share, server, folder):
    first = {file.source: file.etag for file in share.walk().files}
    (folder / "leave.md").write_text("# Leave, longer", "utf-8")
    (folder / "中文 文档" / "年假 #1.md").unlink()
    second = {file.source: file.etag for file in share.walk().files}
    assert (list(second), second["leave.md"] == first["leave.md"]) == (["leave.md"], False)
    assert server.asked == {"PROPFIND": 4}


def test_a_part_of_a_share_is_named_from_there(server, options):
    with closing(webdav.connect(f"webdav://{server.host}/中文 文档", options)) as source:
        assert [file.source for file in source.walk().files] == ["年假 #1.md"]


@pytest.mark.parametrize(("secret", "user"), [("wrong", USER), (PASSWORD, "nobody"), (PASSWORD, "")])
def test_a_wrong_password_is_said(server, options, secret, user):
    wrong = replace(options, secret=SecretStr(secret), values={"user": user})
    opened = closing(webdav.connect(f"webdav://{server.host}/", wrong))
    with opened as source, pytest.raises(BackendError, match="the WebDAV server answered 401") as caught:
        source.walk()
    assert "--key-env" in caught.value.hint


def test_a_folder_that_is_not_there_is_said(server, options):
    with closing(webdav.connect(f"webdav://{server.host}/none", options)) as source, pytest.raises(NotFound):
        source.walk()


def test_a_file_that_went_away_is_a_failure_of_that_file_only(share, folder):
    files = {file.source: file for file in share.walk().files}
    (folder / "leave.md").unlink()
    with pytest.raises(UnreadableFile):
        share.fetch(files["leave.md"])
    assert share.fetch(files["中文 文档/年假 #1.md"]).is_file()


def test_a_password_does_not_cross_the_internet_unencrypted(options):
    with pytest.raises(BadInput, match="not sent unencrypted"):
        webdav.connect("webdav://files.example.org/", replace(options, private_hosts=frozenset()))
