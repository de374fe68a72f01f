"""Messages of a mailbox, from a real IMAP server."""

from contextlib import closing
from dataclasses import replace

import pytest
from pydantic import SecretStr

from ingest.sources import Options, imap
from ingest.sources._mailbox import encode
from rag.errors import BackendError, BadInput, UnreadableFile

pytest.importorskip("pymap", reason="the IMAP server of the tests: pip install pymap")

from tests.servers.imap import PASSWORD, USER, ImapServer

MESSAGE = "From: a@example.org\r\nTo: b@example.org\r\nSubject: Leave\r\n\r\nTwenty days.\r\n"
CHINESE = (
    "From: a@example.org\r\nSubject: =?utf-8?b?5bm05YGH?=\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\n年假十天。\r\n"
)


@pytest.fixture
def server(tmp_path):
    with ImapServer(tmp_path) as running:
        link = running.client()
        link.create("kb")
        for message in (MESSAGE, CHINESE):
            link.append("kb", "", None, message.encode())
        link.logout()
        yield running


@pytest.fixture
def options(server, tmp_path):
    hosts = frozenset({f"127.0.0.1:{server.port}", f"127.0.0.1:{server.tls_port}"})
    secret, values = SecretStr(PASSWORD), {"ca": str(server.ca)}
    return Options("mail", tmp_path / "spool", values, secret, private_hosts=hosts)


def mailbox(server, options, folder="kb", **values):
    given = replace(options, values={**options.values, **values})
    return closing(imap.connect(f"imaps://{USER}@127.0.0.1:{server.tls_port}/{folder}", given))


def change(server, use, folder="kb"):
    link = server.client()
    link.select(folder)
    use(link)
    link.logout()


def test_messages_of_a_folder_are_found_and_read_as_they_were_sent(server, options):
    with mailbox(server, options) as source:
        walked = source.walk()
        assert [source.fetch(file).read_bytes() for file in walked.files] == [
            MESSAGE.encode(),
            CHINESE.encode(),
        ]
    assert all(file.source.startswith("kb/") and file.source.endswith(".eml") for file in walked.files)
    assert all(file.place.startswith(walked.root + "/kb;UIDVALIDITY=") for file in walked.files)
    assert all(file.size and file.mtime for file in walked.files)


def test_looking_reads_no_message_and_changes_none(server, options):
    with mailbox(server, options) as source:
        first = source.walk()
        assert source.walk().files == first.files
        assert (server.asked("EXAMINE"), server.asked("SELECT"), server.asked("BODY.PEEK")) == (1, 0, 0)
        source.fetch(first.files[0])
    seen = []
    change(server, lambda link: seen.extend(link.search(None, "SEEN")[1]))
    assert seen == [b""]


def test_a_new_message_is_seen_and_a_deleted_one_is_gone(server, options):
    with mailbox(server, options) as source:
        first = source.walk().files
    change(
        server,
        lambda link: (
            link.store("1", "+FLAGS", r"(\Deleted)"),
            link.append("kb", "", None, MESSAGE.encode()),
        ),
    )
    with mailbox(server, options) as source:
        second = source.walk().files
    assert first[0] not in second
    assert (first[1] in second, len(second)) == (True, 2)
    change(server, lambda link: link.expunge())
    with mailbox(server, options) as source:
        assert source.walk().files == second


def test_a_message_that_went_away_is_a_failure_of_that_message_only(server, options):
    with mailbox(server, options) as source:
        files = source.walk().files
    change(server, lambda link: (link.store("1", "+FLAGS", r"(\Deleted)"), link.expunge()))
    with mailbox(server, options) as source:
        with pytest.raises(UnreadableFile, match="gone"):
            source.fetch(files[0])
        assert source.fetch(files[1]).is_file()


def test_a_folder_made_anew_is_other_messages(server, options):
    with mailbox(server, options) as source:
        first = source.walk().files
    change(
        server,
        lambda link: (link.delete("kb"), link.create("kb"), link.append("kb", "", None, MESSAGE.encode())),
        "INBOX",
    )
    with mailbox(server, options) as source:
        second = source.walk().files
        assert not {file.place for file in first} & {file.place for file in second}
        with pytest.raises(UnreadableFile, match="made anew"):
            source.fetch(first[0])


def test_several_folders_with_names_of_any_language_are_read(server, options):
    change(server, lambda link: (link.create(f'"{encode("人事 & 假")}"'), None), "INBOX")
    change(server, lambda link: link.append(f'"{encode("人事 & 假")}"', "", None, CHINESE.encode()), "INBOX")
    with mailbox(server, options, folders="kb, 人事 & 假") as source:
        walked = source.walk()
        assert {file.source.partition("/")[0] for file in walked.files} == {"kb", "人事 & 假"}
        assert source.fetch(walked.files[-1]).read_bytes() == CHINESE.encode()


def test_messages_before_a_day_are_left_out(server, options):
    with mailbox(server, options, since="2199-01-01") as source:
        assert source.walk().files == ()


def test_a_message_larger_than_allowed_is_named_and_not_read(server, options):
    with mailbox(server, replace(options, max_bytes=len(MESSAGE))) as source:
        walked = source.walk()
    assert (len(walked.files), len(walked.unreadable)) == (1, 1)


def test_a_wrong_password_is_said_and_not_shown(server, options):
    opened = mailbox(server, replace(options, secret=SecretStr("wrong secret")))
    with opened as source, pytest.raises(BackendError, match="refuses the login") as caught:
        source.walk()
    assert "wrong secret" not in str(caught.value)


def test_a_folder_that_is_not_there_is_said(server, options):
    with (
        mailbox(server, options, folder="none") as source,
        pytest.raises(BackendError, match="no folder 'none'"),
    ):
        source.walk()


def test_a_certificate_that_nobody_vouches_for_is_not_taken(server, options):
    with mailbox(server, replace(options, values={})) as source, pytest.raises(BackendError):
        source.walk()


@pytest.mark.parametrize(
    ("url", "values", "said"),
    [
        ("imaps://mail.example.org/INBOX", {}, "no mailbox"),
        ("imaps://me:secret@mail.example.org/INBOX", {}, "no mailbox"),
        ("imap://me@mail.example.org/INBOX", {}, "not sent unencrypted"),
        ("imaps://me@mail.example.org/INBOX", {"since": "yesterday"}, "a day was expected"),
    ],
)
def test_a_wrong_address_is_named(tmp_path, url, values, said):
    with pytest.raises(BadInput, match=said) as caught:
        imap.connect(url, Options("x", tmp_path, values, SecretStr("word")))
    assert "secret@" not in str(caught.value)
