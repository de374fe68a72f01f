import signal

import pytest

from ingest import load as module
from ingest.load import language_of, parse, parser_version
from ingest.loaders import text
from ingest.options import Options
from ingest.wall import wire
from rag.features import term_id, unpack
from rag.words import terms

OPTIONS = Options()


def parsed(data, name="hr/annual-leave.md", **options):
    return parse("place", name, data, Options(**options))


def test_a_document_is_loaded_split_and_analysed():
    found = parsed(b"# Leave\n\nFifteen **days** a [year](https://x.example).\n\n## How?\nAsk.\n")
    assert (found.error, found.language, found.place) == ("", "en", "place")
    assert found.loaded.title == "Leave"
    assert [piece.heading for piece in found.pieces] == [("Leave",), ("Leave", "How?")]
    assert found.embed == ("Leave Fifteen days a year.", "Leave\nHow? Ask.")
    assert len(found.content_hash) == 32


def test_features_hold_body_heading_title_and_path():
    features = unpack(parsed(b"# Leave\n\nFifteen days.\n").pieces[0].features)
    ids = {
        name: {term_id(term) for term in terms(name)} for name in ("fifteen days", "leave", "hr annual leave")
    }
    assert ids["fifteen days"] <= set(features.body.tolist())
    assert set(features.heading.tolist()) == set(features.title.tolist()) == ids["leave"]
    assert set(features.path.tolist()) == ids["hr annual leave"]


def test_equal_texts_have_equal_hashes_wherever_they_stand():
    first, second = parsed(b"# A\n\nx\n"), parsed(b"\n# A\nx", name="other.md")
    assert first.pieces[0].text_hash == second.pieces[0].text_hash
    assert len(first.pieces[0].text_hash) == 16


@pytest.mark.parametrize(
    ("data", "name", "title"),
    [
        (b"---\ntitle: Own\n---\n# Heading\nx", "file.md", "Own"),
        (b"## Heading\nx", "file.md", "Heading"),
        (b"x", "dir/annual-leave_2026.txt", "annual leave 2026"),
        ("文".encode(), "目录/差旅制度.txt", "差旅制度"),
    ],
)
def test_the_title_is_the_best_there_is(data, name, title):
    assert parsed(data, name).loaded.title == title


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Annual leave is fifteen days.", "en"),
        ("年假为十五天。", "zh"),
        ("运行 kubectl get pods --all-namespaces 查看状态", "zh"),
        ("The Chinese word for leave, 假, appears once in this long English sentence of ours.", "en"),
        ("123", "en"),
    ],
)
def test_the_language_is_that_of_the_letters(text, expected):
    assert language_of(text) == expected


@pytest.mark.parametrize(
    ("data", "name", "state"),
    [
        (b"x", "a.xyz", "unsupported"),
        (b"x", "noname", "unsupported"),
        (b"", "a.txt", "empty"),
        (b" \n ", "a.md", "empty"),
        (b"---\ntitle: only\n---\n", "a.md", "empty"),
        (b"<p hidden>x</p>", "a.html", "empty"),
        (bytes(range(256)) * 8, "a.txt", "damaged"),
        (b"no zip", "a.docx", "damaged"),
        (b"x" * (2 << 20), "a.txt", "too large"),
    ],
)
def test_what_cannot_be_read_is_a_result_with_a_next_step(data, name, state):
    found = parsed(data, name, max_file_mb=1)
    assert found.state == state
    assert found.error
    assert found.hint
    assert found.loaded is None


def test_an_unexpected_exception_is_named(monkeypatch):
    monkeypatch.setattr(text, "load", lambda data, name: 1 // 0)
    found = parsed(b"x", "a.txt")
    assert (found.state, found.error) == ("damaged", "the parser failed: ZeroDivisionError")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX timers")
def test_a_parser_that_does_not_end_is_stopped(monkeypatch):
    def forever(data, name):
        while True:
            try:
                while True:
                    pass
            except Exception:  # noqa: BLE001  # as parsers do
                continue

    monkeypatch.setattr(text, "load", forever)
    found = parsed(b"x", "a.txt", parse_seconds=1)
    assert found.state == "too large"
    assert "1 s" in found.error


def test_a_text_beyond_all_measure_is_refused(monkeypatch):
    monkeypatch.setattr(module, "MAX_CHARACTERS", 10)
    assert parsed(b"more than ten characters", "a.txt").state == "too large"


def test_what_no_database_stores_is_replaced_in_place():
    found = parsed(b"log line" * 300 + b"\0" + b" end" * 300, "a.log")
    assert found.loaded.text[2400] == "\ufffd"
    assert len(found.loaded.text) == 2400 + 1 + 1200


def test_the_report_counts_characters():
    assert parsed("# 年假\n\n十五天\n".encode()).loaded.report["characters"] == 10


def test_a_title_and_a_language_that_are_given_count():
    found = parse("p", "a.md", b"# Own\n\ntext\n", OPTIONS, title="给定", language="zh")
    assert (found.loaded.title, found.language) == ("给定", "zh")
    assert parse("p", "a.md", b"text\n", OPTIONS, language="xx").language == "en"


@pytest.mark.parametrize(
    ("text", "hidden"), [("<p>seen</p>", False), ("<p>seen</p><p hidden>secret</p>", True)]
)
def test_a_file_with_hidden_text_is_put_aside_where_that_is_asked_for(text, hidden):
    dropped, kept = parsed(text.encode(), "a.html"), parsed(text.encode(), "a.html", hidden_text="quarantine")
    assert dropped.error == ""
    assert kept.state == ("quarantined" if hidden else "")
    assert bool(kept.hint) is hidden


def test_more_pieces_than_a_result_holds_are_too_much(monkeypatch):
    monkeypatch.setattr(module.wire, "MOST_PIECES", 0)
    assert parsed(b"# A\n\nx\n").state == "too large"


def test_the_parser_version_names_all_that_pieces_depend_on():
    assert parser_version("a.md", 800) != parser_version("a.txt", 800)
    assert parser_version("a.md", 800) != parser_version("a.md", 400)
    assert parser_version("a.md", 800) == parser_version("b.markdown", 800)


def test_what_no_database_stores_is_replaced_in_headings_too():
    lines = '{"question": "病假\\u0000?", "answer": "Ten."}\n{"question": "B?", "answer": "C."}'.encode()
    made = parse("p", "faq.jsonl", lines, Options())
    assert made.loaded.sections[0].heading == ("病假\ufffd?",)
    assert wire.unpack(wire.pack(made)) == made
