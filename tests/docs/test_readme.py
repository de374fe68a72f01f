"""The README is run, block by block, as a reader would."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rag.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
RUNNABLE = [block for block in BLOCKS if block[0] in ("sh", "python")]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readme")


def environment(place: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KB_", "OPENAI_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "KB_HOME": str(place / "home"), "KB_PLUGINS": "off"}


def test_every_block_runs_in_the_order_of_the_page(place: Path) -> None:
    for kind, block in RUNNABLE:
        run_block(kind, block, place)


def run_block(kind: str, block: str, place: Path) -> None:
    if (
        "-m venv" in block
    ):  # the same lines are the Makefile's, and have run: this test runs in what they made
        assert all(line.strip().replace("--quiet ", "") in makefile_commands() for line in block.splitlines())
        return
    command = (
        ["bash", "-euo", "pipefail", "-c", f"set -m\n{block}"]
        if kind == "sh"
        else [sys.executable, "-c", block]
    )
    run = subprocess.run(
        command, cwd=ROOT, env=environment(place), capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, block + run.stdout + run.stderr
    assert "Traceback" not in run.stderr


def makefile_commands() -> str:
    text = (ROOT / "Makefile").read_text("utf-8").replace("\t", "")
    text = text.replace("$(PYTHON)", "python3").replace("$(BIN)", ".venv/bin").replace("$(VENV)", ".venv")
    return text.replace("--quiet ", "").replace("--disable-pip-version-check ", "")


def test_the_demo_says_what_the_readme_shows(place: Path) -> None:
    run = subprocess.run(
        ["sh", "data/demo.sh"],
        cwd=ROOT,
        env=environment(place),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    shown = next(body for kind, body in BLOCKS if kind == "console").splitlines()
    said = [line.rstrip() for line in run.stdout.splitlines()]
    missing = [line for line in shown if line.strip() and line != "$ make demo" and line.rstrip() not in said]
    assert missing == []


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) < 250


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
            assert target.startswith("https://") or (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_setting_is_documented_with_its_meaning() -> None:
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        assert f"| `{name}` |" in page, name
        assert field.description is not None
        assert field.description in page, name


def test_nothing_names_the_machine_it_was_written_on() -> None:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, names.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in (".py", ".md", ".toml", ".sh", ".txt", ".json") and path.is_file():
            text = path.read_text("utf-8", errors="ignore")
            assert not re.search(r"(?<![\w.])/(?:work|root|farm)/", text), name
