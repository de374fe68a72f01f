import errno
import io
import json

import pytest

from api.cli import failures, run, terminal
from rag.errors import BackendError, BadInput, ConfigError, KBError, NotAllowed, Unreachable


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("x"), 2),
        (NotAllowed("x"), 3),
        (BadInput("x"), 4),
        (BackendError("x"), 6),
        (Unreachable("x"), 6),
        (ZeroDivisionError("x"), 70),
    ],
)
def test_each_class_has_its_exit_code(error: Exception, code: int) -> None:
    assert failures.Reporter(wants_json=False).report(error) == code


def test_an_error_is_one_line_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    failures.Reporter(wants_json=False).report(KBError("two\nlines \x1b[31m", hint="do this"))
    assert capsys.readouterr().err == "kb: two lines\nhint: do this\n"


def test_a_bug_shows_its_traceback_only_on_request(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    failures.Reporter(wants_json=False).report(ZeroDivisionError("x"))
    assert capsys.readouterr().err.count("\n") == 2
    monkeypatch.setenv("KB_LOG_LEVEL", "debug")
    failures.Reporter(wants_json=False).report(ZeroDivisionError("x"))
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_typo_is_met_with_what_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["documnts"]) == 4
    assert "did you mean 'documents'" in capsys.readouterr().err


def test_json_is_asked_for_even_when_the_arguments_are_wrong(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    assert run(["ask", "--json", "--limit", "many", "x"]) == 4
    made = json.loads(capfdbinary.readouterr().out)
    assert made["ok"] is False
    assert made["error"]["code"] == "bad-input"


def test_after_two_dashes_nothing_is_an_option(capfd: pytest.CaptureFixture[str]) -> None:
    run(["nonsense", "--", "--json"])
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["ask", "--help"]])
def test_help_is_a_result(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 0
    assert "Usage: kb" in capfd.readouterr().out


class Gone(io.RawIOBase):
    """A pipe whose reader has left."""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")


def test_a_reader_that_left_is_told_as_the_shell_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = io.TextIOWrapper(Gone(), write_through=True)  # type: ignore[type-var]
    monkeypatch.setattr("sys.stdout", gone)
    assert run(["version"]) == terminal.BROKEN_PIPE
