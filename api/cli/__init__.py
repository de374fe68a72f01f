"""The command line. `main` is the entry point; every command is a function of a module beside it.

Exit codes: 0 done, 1 asked and not answered, 2 configuration, 3 not allowed, 4 bad input, 5 done in
part, 6 a service or an index failed, 70 a bug, 130 interrupted.
"""

import os
import sys
from collections.abc import Sequence

from api.cli import failures, terminal

INTERRUPTED = 130


def main() -> None:
    """Run the command of `sys.argv` and leave with its exit code."""
    terminal.prepare()
    code = terminal.finish(run(sys.argv[1:]))
    if code == INTERRUPTED:
        # A thread may still wait for a lock or a disk, and the interpreter would wait for it. An
        # ingest may be killed at any moment, so it may be left like this as well.
        os._exit(code)
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command; whatever goes wrong becomes one line and an exit code."""
    failed = failures.Reporter(wants_json="--json" in _options(arguments))
    try:
        from api.cli.app import app

        code = app(list(arguments), prog_name="kb", standalone_mode=False)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        return terminal.BROKEN_PIPE
    except SystemExit as left:
        # typer makes this of a reader that has gone away, with the exit code of a failure.
        if isinstance(left.__context__, BrokenPipeError):
            return terminal.BROKEN_PIPE
        raise
    # The last stop: a person at a terminal must never be shown a traceback.
    except Exception as error:  # noqa: BLE001
        return failed.report(error)
    if code == INTERRUPTED:
        failed.interrupted()
    return int(code or 0)


def _options(arguments: Sequence[str]) -> Sequence[str]:
    """What stands before `--`: after it nothing is an option."""
    return arguments[: arguments.index("--")] if "--" in arguments else arguments
