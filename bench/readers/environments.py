"""An environment for each reader: pinned versions, in `~/.cache/kb/readers/NAME`, made once."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"
ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 900


@dataclass(frozen=True, slots=True)
class Text:
    """What a reader gave for a file: its text, or why there is none."""

    text: str
    error: str = ""


def texts(name: str, files: Sequence[Path]) -> list[Text]:
    """The files' texts by a reader, in order."""
    if name == "pdftotext":
        return [_pdftotext(path) for path in files]
    _setup(name)
    command = [str(_python(name)), "-m", f"bench.readers.{name}_reader"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    done = subprocess.run(
        command,
        input="\n".join(map(str, files)),
        capture_output=True,
        text=True,
        env=environment,
        timeout=TIMEOUT,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-2000:]}")
    return [Text(**json.loads(line)) for line in done.stdout.splitlines()]


def _pdftotext(path: Path) -> Text:
    program = shutil.which("pdftotext")
    if program is None:
        raise SystemExit("pdftotext is not installed: apt install poppler-utils")
    done = subprocess.run(
        [program, "-enc", "UTF-8", str(path), "-"], capture_output=True, timeout=TIMEOUT, check=False
    )
    error = done.stderr.decode("utf-8", "replace").strip() if done.returncode else ""
    return Text(done.stdout.decode("utf-8", "replace"), error[-200:])


def _python(name: str) -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "kb" / "readers" / name / "bin" / "python"


def _setup(name: str) -> None:
    """Make the environment, unless it stands already with these versions."""
    python, wanted = _python(name), REQUIREMENTS / f"{name}.txt"
    folder = python.parents[1]
    done = folder / "requirements.txt"
    if done.is_file() and done.read_text("utf-8") == wanted.read_text("utf-8"):
        return
    print(f"installing {name} in {folder}", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "-r", str(wanted)], check=True)
    shutil.copyfile(wanted, done)
