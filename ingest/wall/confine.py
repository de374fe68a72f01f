"""Walls around the process that parses, which hold whatever a parser does.

Each layer stands alone: where the system lacks one (macOS and Windows have neither of the last two), the
others still hold, and so does the clock of the parent, which ends a child that is late.
"""

import importlib.util
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.wall import landlock, seccomp

MOST_FILES = 64  # open at once
_MEMORY, _TIME, _FILES = "memory", "processor time", "no writing of files"
_CALLS, _TREE = "no network and no programs (seccomp)", "no reading of other files (Landlock)"
LAYERS = (_MEMORY, _TIME, _FILES, _CALLS, _TREE)
_STATM = "/proc/self/statm"
# Libraries and what they read beside themselves: fonts, time zones, how many cores there are.
_SYSTEM = (
    "/lib /lib64 /usr/lib /usr/lib64 /usr/local/lib /usr/share /etc/ld.so.cache /etc/localtime /etc/fonts "
    "/etc/mime.types /dev/null /dev/urandom /proc/cpuinfo /proc/meminfo /sys/devices/system/cpu"
).split()


def layers() -> tuple[str, ...]:
    """Those of `LAYERS` that this system has, in the words of `kb doctor`."""
    found = []
    if _has_limits():
        found += [_MEMORY] if sys.platform == "linux" else []  # macOS takes the limit and keeps to none
        found += [_TIME, _FILES]
    if seccomp.is_available():
        found.append(_CALLS)
    if landlock.version():
        found.append(_TREE)
    return tuple(found)


class Walls:
    """The walls of this process, raised once, before the first order."""

    def __init__(self, megabytes: int) -> None:
        self._bytes = megabytes << 20
        # Open before the walls stand: from within they could not be opened any more.
        self._statm = os.open(_STATM, os.O_RDONLY) if os.path.exists(_STATM) else -1

    def raise_all(self, places: Iterable[Path] = ()) -> None:
        """From now on: no network, no program, no file written, none read but the runtime's and `places`."""
        _die_with_parent()
        if _has_limits():
            _limit_files()
        landlock.restrict([*_runtime(), *places], _listed())
        seccomp.install()

    @contextmanager
    def around_file(self, seconds: int) -> Iterator[None]:
        """Within: memory and processor time of one file. `MemoryError` where a parser asks for more.

        The time is a backstop: it grows by the cores, and its end is the end of the process.
        """
        if not _has_limits():
            yield
            return
        import resource

        most = resource.getrlimit(resource.RLIMIT_AS)[1]
        wanted = max(self._bytes, self.held() + self._bytes // 2)
        _limit_time(seconds)
        resource.setrlimit(resource.RLIMIT_AS, (_least(wanted, most), most))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (most, most))

    def held(self) -> int:
        """Bytes of address space in use; 0 where the system does not say."""
        if self._statm < 0:
            return 0
        return int(os.pread(self._statm, 100, 0).split()[0]) * os.sysconf("SC_PAGE_SIZE")

    def is_tired(self, fresh: int) -> bool:
        """Whether so much more is held than at the start that the next file might lack it."""
        return self.held() - fresh > self._bytes // 4


def _has_limits() -> bool:
    return importlib.util.find_spec("resource") is not None  # not on Windows


def _limit_files() -> None:
    import resource

    for kind, value in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        resource.setrlimit(kind, (value, value))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = _least(MOST_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, few))


def _limit_time(seconds: int) -> None:
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    until = int(used.ru_utime + used.ru_stime) + 1 + seconds * (os.cpu_count() or 1)
    resource.setrlimit(resource.RLIMIT_CPU, (_least(until, most), most))


def _least(wanted: int, most: int) -> int:
    return wanted if most < 0 else min(wanted, most)  # RLIM_INFINITY is negative


def _die_with_parent() -> None:
    """A child that hangs does not notice that its orders ended. Linux alone."""
    if sys.platform == "linux":
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


def _runtime() -> Iterator[Path]:
    """Where the interpreter, its packages and ours lie, and the libraries of the system."""
    for place in (*_SYSTEM, sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()):
        yield Path(place)
    yield from map(Path, filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)))
    for place in sys.path:
        if "site-packages" in place or "dist-packages" in place or place.endswith(".zip"):
            yield Path(place)
    for package in ("rag", "ingest"):
        spec = importlib.util.find_spec(package)
        yield from map(Path, (spec and spec.submodule_search_locations) or ())


def _listed() -> Iterator[Path]:
    """Folders of modules: an import looks into each of them for names."""
    return (Path(place) for place in sys.path if place)
