"""Files of a Git repository, from a folder and from Git's own HTTP service."""

import json
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from ingest.outbound import Refused
from ingest.sources import Options, git
from rag.errors import BackendError, BadInput, UnreadableFile
from tests.servers.git import PASSWORD, GitServer, Repository


@pytest.fixture
def repository(tmp_path):
    made = Repository(tmp_path / "root" / "handbook")
    made.commit(leave_md="# Leave", docs__年假_md="# 年假")
    return made


@pytest.fixture
def server(repository):
    with GitServer(repository.folder.parent) as running:
        yield running


@pytest.fixture
def options(tmp_path):
    return Options("handbook", tmp_path / "spool")


@pytest.fixture
def remote(server, options):
    return replace(options, secret=SecretStr(PASSWORD), private_hosts=frozenset({server.host}))


def local(repository, options, **values):
    return closing(git.connect(f"git+file://{repository.folder}", replace(options, values=values)))


def over_http(server, options):
    return closing(git.connect(f"git+http://{server.host}/handbook/.git", options))


def synced(options, walked):
    return replace(options, state=walked.state, known={file.place: file.etag for file in walked.files})


def test_files_of_the_newest_commit_are_found_and_read(repository, options):
    with local(repository, options) as source:
        walked = source.walk()
        read = {file.source: source.fetch(file).read_text("utf-8") for file in walked.files}
    assert read == {"leave.md": "# Leave", "docs/年假.md": "# 年假"}
    assert all(file.place.startswith(walked.root + "/") for file in walked.files)


def test_nothing_of_a_repository_stays_in_the_spool(repository, options):
    with local(repository, options) as source:
        for file in source.walk().files:
            source.fetch(file).unlink()
    assert list(options.spool.iterdir()) == []


def test_a_branch_that_did_not_move_is_not_fetched(server, remote):
    with over_http(server, remote) as source:
        first = source.walk()
    server.asked.clear()
    with over_http(server, synced(remote, first)) as source:
        assert source.walk().files == first.files
    assert (server.asked["ls"], server.asked["fetch"]) == (1, 0)


def test_a_commit_says_which_files_changed_and_which_are_gone(server, repository, remote):
    with over_http(server, remote) as source:
        first = {file.source: file.etag for file in source.walk().files}
    repository.commit(leave_md=None, docs__年假_md="# 年假\n\n十天", new_md="# New")
    with over_http(server, remote) as source:
        walked = source.walk()
        assert source.fetch(walked.files[0]).read_text("utf-8") == "# 年假\n\n十天"
    second = {file.source: file.etag for file in walked.files}
    assert set(second) == {"docs/年假.md", "new.md"}
    assert second["docs/年假.md"] != first["docs/年假.md"]


def test_a_file_can_be_read_when_the_walk_fetched_nothing(server, remote):
    with over_http(server, remote) as source:
        first = source.walk()
    with over_http(server, replace(remote, state=first.state)) as source:
        assert source.fetch(source.walk().files[-1]).read_text("utf-8") == "# Leave"


def test_a_wrong_password_is_said_and_not_shown(server, remote):
    opened = over_http(server, replace(remote, secret=SecretStr("wrong secret")))
    with opened as source, pytest.raises(BackendError, match="git failed") as caught:
        source.walk()
    assert "wrong secret" not in str(caught.value) + caught.value.hint


def test_a_host_that_was_not_named_is_not_asked(server, options):
    with over_http(server, options) as source, pytest.raises(Refused):
        source.walk()
    assert not server.asked


def test_a_branch_and_a_folder_of_the_repository_can_be_chosen(repository, options):
    repository.run("checkout", "--quiet", "-b", "draft")
    repository.commit(docs__plan_md="# Plan")
    repository.run("checkout", "--quiet", "main")
    with local(repository, options, branch="draft", path="docs") as source:
        assert sorted(file.source for file in source.walk().files) == ["plan.md", "年假.md"]
    with (
        local(repository, options, branch="none") as source,
        pytest.raises(BackendError, match="no branch 'none'"),
    ):
        source.walk()


def test_links_submodules_and_hidden_files_are_left_out(repository, options):
    (repository.folder / "link.md").symlink_to("/etc/passwd")
    (repository.folder / ".secret").mkdir()
    (repository.folder / ".secret" / "a.md").write_text("no", "utf-8")
    inner = Repository(repository.folder.parent / "inner")
    inner.commit(inner_md="inner")
    repository.run(
        "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(inner.folder), "sub"
    )
    repository.commit_all()
    with local(repository, options) as source:
        assert sorted(file.source for file in source.walk().files) == ["docs/年假.md", "leave.md"]


def test_a_file_in_lfs_is_reported(repository, options):
    repository.commit(big_md="version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n")
    with local(repository, options) as source:
        seen = next(file for file in source.walk().files if file.source == "big.md")
        with pytest.raises(UnreadableFile, match="Git LFS"):
            source.fetch(seen)


def test_a_file_larger_than_allowed_is_named_and_not_read(repository, options):
    repository.commit(big_md="x" * (2 << 20))
    with local(repository, replace(options, max_bytes=1 << 20)) as source:
        walked = source.walk()
    assert [one.source for one in walked.unreadable] == ["big.md"]


def test_hooks_and_settings_of_a_repository_are_not_run(repository, options, tmp_path):
    for name in ("post-checkout", "reference-transaction", "pre-auto-gc"):
        hook = repository.folder / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n", "utf-8")
        hook.chmod(0o755)
    repository.run("config", "core.fsmonitor", f"touch {tmp_path}/ran")
    repository.run("config", "uploadpack.packObjectsHook", f"touch {tmp_path}/ran; exec")
    with local(repository, options) as source:
        source.walk()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "url",
    [
        "git+ext::sh -c touch% /tmp/x",
        "git+file://host/path",
        "git+file:relative",
        "git+ssh://-oProxyCommand=touch/x",
        "git+https://user:password@host/x.git",
        "git+git://host/x.git",
        "git",
    ],
)
def test_other_protocols_are_refused(options, url):
    with pytest.raises(BadInput):
        git.connect(url, options)


@pytest.mark.parametrize(
    "values", [{"branch": "--upload-pack=touch"}, {"path": "../.."}, {"path": ":(attr)"}]
)
def test_values_that_git_would_take_for_options_are_refused(options, values):
    with pytest.raises(BadInput):
        git.connect("git+https://example.org/x.git", replace(options, values=values))


def test_a_name_that_is_no_utf8_is_named_and_the_rest_is_read(repository, options):
    (Path(os.fsdecode(os.fsencode(repository.folder) + b"/\xff.md"))).write_text("x", "utf-8")
    repository.commit_all()
    with local(repository, options) as source:
        walked = source.walk()
    assert ([one.source for one in walked.unreadable], len(walked.files)) == ([r"\xff.md"], 2)
    json.dumps(walked.state, ensure_ascii=False).encode()
