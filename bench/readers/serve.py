"""The loop of a reader's process: names of files in, one JSON object with the text of each out."""

import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path


def serve(read: Callable[[Path], str]) -> None:
    """Read every file named on standard input. What a reader raises is its answer for that file."""
    logging.disable(logging.CRITICAL)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    for line in sys.stdin.read().splitlines():
        try:
            answer = {"text": read(Path(line)).encode("utf-8", "replace").decode(), "error": ""}
        except Exception as error:  # noqa: BLE001  # readers raise anything
            answer = {"text": "", "error": f"{type(error).__name__}: {error}"[:200]}
        print(json.dumps(answer), file=out, flush=True)
