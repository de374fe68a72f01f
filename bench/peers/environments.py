"""An environment for each peer: pinned versions, in `~/.cache/kb/peers/NAME`, made once."""

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"
MAIN = {  # what is named in the table
    "langchain": "langchain-classic",
    "llamaindex": "llama-index-core",
    "haystack": "haystack-ai",
    "lancedb": "lancedb",
}


def cache() -> Path:
    """Where environments and runs are kept."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "kb" / "peers"


def python(name: str) -> Path:
    """The interpreter of a system; the project's own for `kb`."""
    return Path(sys.executable) if name == "kb" else cache() / name / "bin" / "python"


def setup(name: str) -> None:
    """Make the environment of a peer, unless it stands already with these versions."""
    wanted = requirements(name)
    done = cache() / name / "requirements.txt"
    if done.is_file() and done.read_text("utf-8") == wanted:
        return
    print(f"installing {name} in {cache() / name}", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(cache() / name)], check=True)
    pip = [str(python(name)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "-r", str(REQUIREMENTS / f"{name}.txt")], check=True)
    done.write_text(wanted, "utf-8")


def requirements(name: str) -> str:
    """The pinned versions of a peer, all that it needs among them."""
    return (REQUIREMENTS / f"{name}.txt").read_text("utf-8")


def version(name: str) -> str:
    """The version that is measured."""
    if name == "kb":
        return metadata.version("kb")
    found = re.search(rf"^{MAIN[name]}==(\S+)$", requirements(name), re.MULTILINE)
    assert found
    return found[1]


def megabytes(name: str) -> float:
    """What an environment needs on disk beyond Python itself, without pip."""
    if name == "kb":
        return round(sum(_size(part) for part in _closure("kb")) / 1e6, 1)
    folders = (cache() / name / "lib").glob("python*/site-packages/*")
    counted = [
        path for path in folders if not re.match(r"(pip|setuptools|_distutils|pkg_resources)", path.name)
    ]
    files = [file for path in counted for file in ([path] if path.is_file() else path.rglob("*"))]
    return round(sum(file.stat().st_size for file in files if file.is_file()) / 1e6, 1)


def _size(name: str) -> int:
    files = metadata.files(name) or ()
    return sum(path.stat().st_size for file in files if (path := Path(str(file.locate()))).is_file())


def _closure(name: str, extras: frozenset[str] = frozenset(), seen: set[str] | None = None) -> set[str]:
    """The names of what is installed because of `name`: its project's environment holds more."""
    seen = set() if seen is None else seen
    try:
        needs = metadata.requires(name) or ()
    except metadata.PackageNotFoundError:
        return seen
    seen.add(name)
    for need in needs:
        found = re.match(r"([\w.-]+)(?:\[([\w,\s-]+)\])?", need)
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)", need)
        assert found
        other = re.sub(r"[-_.]+", "-", found[1]).lower()
        if (extra is None or extra[1] in extras) and other not in seen:
            _closure(other, frozenset(re.findall(r"[\w-]+", found[2] or "")), seen)
    return seen
