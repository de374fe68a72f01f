"""Landlock: this process may read below some places and nowhere else. Linux 5.13 and later, landlock(7).

It needs no rights of an administrator. Each version of the kernel's interface knows more that can be
forbidden; all that this kernel knows is.
"""

import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_VERSION = 1
_BELOW = 1  # LANDLOCK_RULE_PATH_BENEATH
_NO_NEW_PRIVILEGES = 38
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_NETWORK, _SCOPES = 3, 3  # TCP bind and connect; abstract sockets and signals of others
_FILES_FROM = {1: 13, 2: 14, 3: 15, 5: 16}  # interface version to how many rights over files it knows
_NETWORK_FROM, _SCOPES_FROM = 4, 6


def version() -> int:
    """The kernel's interface version; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    found: int = ctypes.CDLL(None).syscall(_CREATE, None, 0, _VERSION)
    return max(0, found)


def restrict(trees: Iterable[Path], folders: Iterable[Path] = ()) -> bool:
    """From now on, only files below `trees` can be opened, and only to be read; `folders` can be listed.

    Open descriptors stay as they are. False where the kernel does not have it, and nothing is changed.
    """
    known = version()
    if not known:
        return False
    libc = ctypes.CDLL(None)
    about = _attributes(known)
    rules = libc.syscall(_CREATE, about, len(about), 0)
    if rules < 0:
        return False
    try:
        for path in trees:
            _allow(libc, rules, path, _READ_FILE | _READ_FOLDER)
        for path in folders:
            _allow(libc, rules, path, _READ_FOLDER)
        restricted = libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
        return restricted and bool(libc.syscall(_RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _attributes(known: int) -> bytes:
    """struct landlock_ruleset_attr: everything that this version can forbid."""
    rights = max(count for since, count in _FILES_FROM.items() if since <= known)
    network = _NETWORK if known >= _NETWORK_FROM else 0
    scopes = _SCOPES if known >= _SCOPES_FROM else 0
    fields = [(1 << rights) - 1, network, scopes]
    size = 3 if known >= _SCOPES_FROM else 2 if known >= _NETWORK_FROM else 1
    return struct.pack(f"={size}Q", *fields[:size])


def _allow(libc: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no right
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _READ_FILE
        libc.syscall(_ADD, rules, _BELOW, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)
