"""Files of a Git repository: `git+https://host/path.git`, `git+ssh://git@host/path.git`, `git+file:///path`.

Options: branch (or tag), path (a folder of the repository), user (for https; `git` without), ca,
identity and known_hosts (files, for ssh). Only the newest state is fetched; nothing is checked out,
no hook runs, submodules and links are not followed. Nothing stays on this machine between two runs.
"""

import base64
import shlex
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ingest.outbound import Wall
from ingest.sources import Options, Seen, Unseen, Walked
from ingest.sources._auth import checked_secret
from ingest.sources._git import Git
from ingest.sources._spool import spooled
from ingest.sources._url import canonical
from ingest.sources._values import Values
from rag.errors import BackendError, BadInput, UnreadableFile

ALLOWED = "branch ca identity known_hosts path user"
_FILE_MODES = ("100644", "100755")
_POINTER = b"version https://git-lfs.github.com/spec/"
_REF = "refs/kb/newest"
_PORTS = {"https": 443, "http": 80, "ssh": 22}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the tree; `problem` says why it cannot be taken."""

    blob: str
    size: int
    path: str
    problem: str = ""


def connect(url: str, options: Options) -> "Repository":
    """The files of a repository. Nothing is asked of the network yet."""
    return Repository(url, options)


class Repository:
    """A source of files in Git. A file's etag is its blob: its bytes are read once, wherever it lies."""

    def __init__(self, url: str, options: Options) -> None:
        self._values = Values.of("git", options, ALLOWED)
        self._options = options
        self._url, self._protocol = _address(url)
        self._place = "git+" + self._url
        branch, self._path = self._values.text("branch"), self._values.text("path").strip("/")
        if branch.startswith("-") or self._path.startswith(("-", ":")) or ".." in self._path.split("/"):
            raise BadInput(
                "a branch or path that git would misread", hint="--set branch=main --set path=docs"
            )
        self._branch = branch or "HEAD"
        self._secret = checked_secret(self._url, options)
        self._folder = options.spool / "git"

    def walk(self) -> Walked:
        """The files of the branch. When it did not move, nothing is fetched."""
        self.close()
        git = self._opened()
        commit = self._tip(git)
        state = self._options.state
        if state.get("commit") != commit or not isinstance(state.get("files"), list):
            self._fetch(git)
            commit = git.run("rev-parse", _REF).decode().strip()
            found = list(self._found(git))
        else:
            found = [Entry(*one) for one in state["files"]]  # type: ignore[attr-defined]
        return self._walked(commit, found)

    def fetch(self, seen: Seen) -> Path:
        """The file, in the spool folder."""

        def write(path: Path) -> None:
            git = self._opened()
            if not self._has(git, seen.etag):
                self._fetch(git)
            data = git.run("cat-file", "blob", seen.etag)
            if data.startswith(_POINTER):
                raise UnreadableFile(
                    "its content is in Git LFS, not in the repository",
                    state="unsupported",
                    hint="commit the file itself, or ingest a checkout of it",
                )
            path.write_bytes(data)

        return spooled(self._options.spool, seen.place, write)

    def close(self) -> None:
        """Remove what was fetched."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _walked(self, commit: str, found: Sequence[Entry]) -> Walked:
        files, unseen = [], []
        for one in found:
            place = f"{self._place}/{one.path}"
            name = one.path.removeprefix(self._path).lstrip("/")
            if one.problem:
                unseen.append(Unseen(place, name, one.problem, "rename it"))
            elif one.size > self._options.max_bytes:
                most = f"larger than {self._options.max_bytes >> 20} MB"
                unseen.append(Unseen(place, name, most, "raise KB_MAX_FILE_MB"))
            else:
                files.append(Seen(place, name, None, one.size, 0, etag=one.blob))
        kept = [astuple(one) for one in found]
        return Walked(self._place, tuple(files), tuple(unseen), {"commit": commit, "files": kept})

    def _tip(self, git: Git) -> str:
        """The commit that the branch or tag is at now."""
        said = git.run("ls-remote", "--", self._url, self._branch).decode("utf-8", "replace").split()
        if not said:
            raise BackendError(f"there is no branch {self._branch!r}", hint="--set branch=NAME")
        return said[0]

    def _found(self, git: Git) -> Iterator[Entry]:
        below = ["--", self._path + "/"] if self._path else []
        for line in git.lines("ls-tree", "-r", "-l", "-z", "--full-tree", _REF, *below):
            facts, _, path = line.partition("\t")
            mode, _, blob, size = facts.split()
            if mode in _FILE_MODES and not _is_hidden(path):
                yield _entry(blob, int(size), path)

    def _fetch(self, git: Git) -> None:
        """The newest commit alone, without what came before it."""
        wanted = f"+{self._branch}:{_REF}"
        git.run(
            "fetch", "--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "--", self._url, wanted
        )

    def _has(self, git: Git, blob: str) -> bool:
        try:
            git.run("cat-file", "-e", blob)
        except BackendError:
            return False
        return True

    def _opened(self) -> Git:
        """The empty repository to fetch into, and git held to the address that the wall checked."""
        git = Git(self._folder, self._protocol, *self._pinned())
        if not (self._folder / "HEAD").is_file():
            self._folder.mkdir(parents=True, exist_ok=True)
            git.check()
            git.run("init", "--quiet", "--bare", "--template=", ".")
        return git

    def _pinned(self) -> tuple[dict[str, str], str]:
        if self._protocol == "file":
            return {}, ""
        parts = urlsplit(self._url)
        host, port = parts.hostname or "", parts.port or _PORTS[self._protocol]
        wall = Wall(self._options.private_hosts, frozenset({_PORTS[self._protocol]}))
        address = wall.addresses(host, port)[0]
        if self._protocol == "ssh":
            return {}, self._ssh(host, address)
        settings = {"http.curloptResolve": f"{host}:{port}:{address}"}
        if self._secret:
            held = base64.b64encode(f"{self._values.text('user', 'git')}:{self._secret}".encode()).decode()
            settings[f"http.{parts.scheme}://{parts.netloc}/.extraHeader"] = f"Authorization: Basic {held}"
        if ca := self._values.text("ca"):
            settings["http.sslCAInfo"] = ca
        return settings, ""

    def _ssh(self, host: str, address: str) -> str:
        wanted = {
            "HostName": address,
            "HostKeyAlias": host,
            "BatchMode": "yes",
            "StrictHostKeyChecking": "yes",
            "ProxyCommand": "none",
            "ForwardAgent": "no",
            "IdentityFile": self._values.text("identity"),
            "UserKnownHostsFile": self._values.text("known_hosts"),
        }
        given = [f"{name}={value}" for name, value in wanted.items() if value]
        return shlex.join(["ssh", "-F", "none", *(part for one in given for part in ("-o", one))])


def _address(url: str) -> tuple[str, str]:
    """The address as git takes it, and its protocol."""
    _, _, plain = url.partition("+")
    parts = urlsplit(plain)
    if parts.scheme == "file" and not parts.netloc and Path(unquote(parts.path)).is_absolute():
        return plain, "file"
    if parts.scheme in ("http", "https"):
        return canonical(plain), parts.scheme
    if parts.scheme == "ssh" and parts.hostname and not parts.password and not plain.startswith("ssh://-"):
        return plain, "ssh"
    raise BadInput(
        f"no git address: {url!r}", hint="git+https://host/path.git, git+ssh:// or git+file:///path"
    )


def _is_hidden(path: str) -> bool:
    return any(part.startswith((".", "~$")) for part in path.split("/"))


def _entry(blob: str, size: int, path: str) -> Entry:
    """Names are bytes to git: one that is no UTF-8 is written out, and cannot be stored."""
    shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return Entry(blob, size, shown, "" if shown == path else "its name is not UTF-8 and cannot be stored")
