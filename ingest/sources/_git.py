"""The `git` program, shut in: no hooks, no configuration of this machine, one protocol, bounds."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.errors import BackendError, ConfigError, TimedOut

MOST_BYTES = 4 << 30  # of one pack
_SECONDS = 900.0
_OLDEST = (2, 37)  # http.curloptResolve
_BOUNDED = f'ulimit -f {MOST_BYTES // 512} && exec "$@"'


@dataclass(frozen=True, slots=True)
class Git:
    """Runs git in a bare repository at `folder`. `settings` are configuration, secrets among them:
    they travel in the environment, which other users cannot read, not on the command line.
    """

    folder: Path
    protocol: str
    settings: Mapping[str, str] = field(default_factory=dict)
    ssh: str = ""

    def run(self, *arguments: str) -> bytes:
        """What git prints. `BackendError` with its own last line when it fails."""
        program = shutil.which("git")
        if program is None:
            raise ConfigError("git sources need the program git", hint="install git")
        try:
            done = subprocess.run(  # noqa: S603  # arguments are no shell's words; addresses come after `--`
                ["/bin/sh", "-c", _BOUNDED, "git", program, *arguments],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise TimedOut("git did not finish in time", hint="try again later") from error
        if done.returncode:
            raise BackendError(
                f"git failed: {_last_line(done.stderr)}", hint="check the address and the branch"
            )
        return done.stdout

    def lines(self, *arguments: str) -> Sequence[str]:
        """What git prints with NUL at each line's end; names that are no UTF-8 keep their bytes."""
        return self.run(*arguments).decode("utf-8", "surrogateescape").split("\0")[:-1]

    def check(self) -> None:
        """`ConfigError` for a git that does not know the settings below, and would leave them out."""
        said = self.run("version").decode("utf-8", "replace")
        found = re.search(r"(\d+)\.(\d+)", said)
        if not found or (int(found[1]), int(found[2])) < _OLDEST:
            raise ConfigError(f"git sources need git 2.37 or newer: {said.strip()}", hint="upgrade git")

    def _environment(self) -> dict[str, str]:
        held = {**_SETTINGS, **self.settings}
        numbered = [
            (f"GIT_CONFIG_{part}_{number}", text)
            for number, pair in enumerate(held.items())
            for part, text in zip(("KEY", "VALUE"), pair, strict=True)
        ]
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": self.protocol,
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_SSH_COMMAND": self.ssh or "false",
            "GIT_CONFIG_COUNT": str(len(held)),
            **dict(numbered),
        }


_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "credential.helper": "",
    "fetch.fsckObjects": "true",
    "fetch.unpackLimit": "1",
    "gc.auto": "0",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "100",
    "http.lowSpeedTime": "60",
    "http.proxy": "",
    "safe.directory": "*",  # an operator named the path; nothing of that repository is run
    "submodule.recurse": "false",
    "transfer.bundleURI": "false",
}


def _last_line(error: bytes) -> str:
    lines = [line for line in error.decode("utf-8", "replace").splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (fatal or lines or ["no reason given"])[0][:300]
