"""A filter on this process's system calls: no network, no programs, no writing, no other process.

Linux on x86-64 and arm64. Classic BPF as in seccomp(2); numbers of the calls from the kernel's tables
(asm/unistd_64.h, asm-generic/unistd.h). What is refused fails with EPERM, as for a user without rights.
"""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass

_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_X32 = 0x40000000  # the same calls under other numbers
_CLONE_THREAD = 0x10000
_SIGNALS = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX of fcntl(2): who is sent which signal
_WRITING = 0x3 | os.O_CREAT | os.O_TRUNC  # any of these flags of open(2)
_NO_NEW_PRIVILEGES, _SET_FILTER, _ALL_THREADS, _IS_AVAILABLE = 38, 1, 1, 2

# Name to its numbers on x86-64 and on arm64; -1 where there is no such call.
_REFUSED = {
    # network
    "socket": (41, 198), "connect": (42, 203), "accept": (43, 202), "sendto": (44, 206),
    "sendmsg": (46, 211), "bind": (49, 200), "listen": (50, 201), "socketpair": (53, 199),
    "accept4": (288, 242), "sendmmsg": (307, 269),
    # programs and processes
    "fork": (57, -1), "vfork": (58, -1), "execve": (59, 221), "execveat": (322, 281),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kcmp": (312, 272), "pidfd_send_signal": (424, 424), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "process_madvise": (440, 440), "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "setns": (308, 268),
    "unshare": (272, 97), "personality": (135, 92), "process_mrelease": (448, 448),
    "setpriority": (141, 140), "ioprio_set": (251, 30),
    # memory and messages shared with other processes
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "semget": (64, 190),
    "msgget": (68, 186), "mq_open": (240, 180), "mq_unlink": (241, 181),
    # files: making, changing, removing
    "creat": (85, -1), "truncate": (76, 45), "rename": (82, -1), "renameat": (264, 38),
    "renameat2": (316, 276), "mkdir": (83, -1), "mkdirat": (258, 34), "rmdir": (84, -1),
    "link": (86, -1), "linkat": (265, 37), "unlink": (87, -1), "unlinkat": (263, 35),
    "symlink": (88, -1), "symlinkat": (266, 36), "mknod": (133, -1), "mknodat": (259, 33),
    "chmod": (90, -1), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, -1), "fchown": (93, 55), "lchown": (94, -1), "fchownat": (260, 54),
    "utime": (132, -1), "utimes": (235, -1), "futimesat": (261, -1), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "fremovexattr": (199, 16), "setxattrat": (463, 463),
    "removexattrat": (466, 466),
    # watching the files of others, which Landlock lets pass
    "inotify_init": (253, -1), "inotify_init1": (294, 26), "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    # the machine
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "sethostname": (170, 161), "setdomainname": (171, 162),
    "iopl": (172, -1), "ioperm": (173, -1), "acct": (163, 89), "quotactl": (179, 60), "syslog": (103, 116),
}  # fmt: skip
_CLONE, _KILL_CALL, _TGKILL, _LIMITS, _OPENAT = (56, 220), (62, 129), (234, 131), (302, 261), (257, 56)
_FCNTL = (72, 25)
_OPEN = 2  # x86-64 alone
# A caller that finds them missing takes the older call, whose arguments a filter can see.
_MISSING = (435, 437)  # clone3, openat2


@dataclass(frozen=True, slots=True)
class _Machine:
    """`audit` is what the kernel calls the architecture, `column` that of the tables above."""

    audit: int
    column: int
    call: int  # the number of seccomp(2)


_MACHINES = {"x86_64": _Machine(0xC000003E, 0, 317), "aarch64": _Machine(0xC00000B7, 1, 277)}


def is_available() -> bool:
    """Whether this kernel takes such a filter."""
    machine = _machine()
    if machine is None:
        return False
    action = ctypes.c_uint32(_ERRNO)
    return bool(ctypes.CDLL(None).syscall(machine.call, _IS_AVAILABLE, 0, ctypes.byref(action)) == 0)


def install() -> bool:
    """Filter all threads of this process, for ever. False where the system does not have it."""
    machine = _machine()
    if machine is None:
        return False
    code = b"".join(_program(machine, os.getpid()))
    memory = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(code) // 8, ctypes.addressof(memory))
    libc = ctypes.CDLL(None)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.syscall(machine.call, _SET_FILTER, _ALL_THREADS, program) == 0)


def _machine() -> _Machine | None:
    is_wide = sys.platform == "linux" and sys.maxsize > 1 << 32
    return _MACHINES.get(os.uname().machine) if is_wide else None


def _program(machine: _Machine, process: int) -> Iterator[bytes]:
    """The instructions in order. A jump counts the instructions it leaves out."""
    column = machine.column
    yield _instruction(_LOAD, _ARCHITECTURE)
    yield _instruction(_EQUAL, machine.audit, 1, 0)
    yield _instruction(_RETURN, _KILL)
    yield _instruction(_LOAD, _NUMBER)
    if column == 0:
        yield from _unless(_AT_LEAST, _X32, errno.ENOSYS)
    for numbers in _REFUSED.values():
        if numbers[column] >= 0:
            yield from _unless(_EQUAL, numbers[column], errno.EPERM)
    for number in _MISSING:
        yield from _unless(_EQUAL, number, errno.ENOSYS)
    yield from _only(_CLONE[column], 0, _ANY_BIT, _CLONE_THREAD)
    for kill in (_KILL_CALL, _TGKILL):
        yield from _only(kill[column], 0, _EQUAL, process)
    yield from _only(_LIMITS[column], 0, _EQUAL, 0)
    for command in _SIGNALS:
        yield from _never(_FCNTL[column], 1, command)
    yield from _only(_OPENAT[column], 2, _ANY_BIT, _WRITING, holds=False)
    if column == 0:
        yield from _only(_OPEN, 1, _ANY_BIT, _WRITING, holds=False)
    yield _instruction(_RETURN, _ALLOW)


def _unless(test: int, value: int, error: int) -> Iterator[bytes]:
    """Refuse the call when its number passes the test."""
    yield _instruction(test, value, 0, 1)
    yield _instruction(_RETURN, _ERRNO | error)


def _only(number: int, argument: int, test: int, value: int, *, holds: bool = True) -> Iterator[bytes]:
    """Of this call only where the lower half of an argument passes (or does not pass) the test."""
    yield _instruction(_EQUAL, number, 0, 4)
    yield _instruction(_LOAD, _ARGUMENTS + 8 * argument)
    yield _instruction(test, value, *((1, 0) if holds else (0, 1)))
    yield _instruction(_RETURN, _ERRNO | errno.EPERM)
    yield _instruction(_RETURN, _ALLOW)


def _never(number: int, argument: int, value: int) -> Iterator[bytes]:
    """Refuse this call where the lower half of an argument is the value; leave it to what follows else."""
    yield _instruction(_EQUAL, number, 0, 4)
    yield _instruction(_LOAD, _ARGUMENTS + 8 * argument)
    yield _instruction(_EQUAL, value, 0, 1)
    yield _instruction(_RETURN, _ERRNO | errno.EPERM)
    yield _instruction(_LOAD, _NUMBER)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """struct sock_filter."""
    return struct.pack("=HBBI", code, if_true, if_false, value)
