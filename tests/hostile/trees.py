"""Makes hostile folders: links, loops, pipes, devices, odd names, endless depth."""

import os
import socket
import stat
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

GOOD = "# Inside\n\nFifteen days.\n"


@dataclass(frozen=True, slots=True)
class Tree:
    """A hostile folder; `make` adds to one that holds `good.md`, and knows where the outside is."""

    name: str
    make: Callable[[Path, Path], None]
    only_root: bool = False


def _file_link(inside: Path, outside: Path) -> None:
    (inside / "link.md").symlink_to(outside / "secret.md")


def _relative_link(inside: Path, outside: Path) -> None:
    (inside / "link.md").symlink_to("../outside/secret.md")


def _folder_link(inside: Path, outside: Path) -> None:
    (inside / "folder").symlink_to(outside)


def _chain(inside: Path, outside: Path) -> None:
    (inside / "one").symlink_to(outside)
    (inside / "two").symlink_to("one")
    (inside / "three.md").symlink_to("two/secret.md")


def _link_below(inside: Path, outside: Path) -> None:
    (inside / "a/b").mkdir(parents=True)
    (inside / "a/b/up").symlink_to("../../../outside")


def _named_like_a_folder(inside: Path, outside: Path) -> None:
    (inside / "folder.md").mkdir()
    (inside / "folder.md/link.md").symlink_to(outside / "secret.md")


def _process_links(inside: Path, outside: Path) -> None:
    (inside / "root").symlink_to("/proc/self/root")
    (inside / "own.txt").symlink_to("/proc/self/environ")
    (inside / "fd").symlink_to("/dev/fd")


def _self_loop(inside: Path, outside: Path) -> None:
    (inside / "loop").symlink_to("loop")
    (inside / "here").symlink_to(".")


def _parent_loop(inside: Path, outside: Path) -> None:
    (inside / "sub").mkdir()
    (inside / "sub/up").symlink_to("..")


def _two_loops(inside: Path, outside: Path) -> None:
    (inside / "a").symlink_to("b")
    (inside / "b").symlink_to("a")


def _broken(inside: Path, outside: Path) -> None:
    (inside / "gone.md").symlink_to("/nonexistent/x.md")


def _pipe(inside: Path, outside: Path) -> None:
    os.mkfifo(inside / "pipe.md")


def _socket(inside: Path, outside: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(inside)  # the path of a socket is short
        listener.bind("socket.md")
        os.chdir(here)


def _device(inside: Path, outside: Path) -> None:
    os.mknod(inside / "zero.md", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    os.mknod(inside / "random.txt", stat.S_IFCHR | 0o666, os.makedev(1, 8))
    os.mknod(inside / "disk.txt", stat.S_IFBLK | 0o666, os.makedev(7, 0))


def _bytes(inside: Path, outside: Path) -> None:
    for name in (b"\xff\xfe.md", b"a\xc3.md", b"\x80\x81", b"\xed\xa0\x80.md"):
        Path(os.fsdecode(os.fsencode(inside) + b"/" + name)).write_text(GOOD)


def _controls(inside: Path, outside: Path) -> None:
    for name in (
        "a\nb.md",
        "\x1b[31mred.md",
        "tab\t.md",
        "\r.md",
        " .md",
        "\u202egpj.md",
        "-rf.md",
        "$(id).md",
    ):
        (inside / name).write_text(GOOD)


def _twins(inside: Path, outside: Path) -> None:
    for name in ("é.md", "e\u0301.md", "A.md", "a.md", "ａ.md"):
        (inside / name).write_text(GOOD)


def _long(inside: Path, outside: Path) -> None:
    (inside / ("x" * 250 + ".md")).write_text(GOOD)
    (inside / ("年" * 80 + ".md")).write_text(GOOD)


def _deep(inside: Path, outside: Path) -> None:
    """Folders to a depth at which no path can name them."""
    here = os.open(inside, os.O_RDONLY)
    for _ in range(1_500):
        os.mkdir("dddd", dir_fd=here)
        inner = os.open("dddd", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def _wide(inside: Path, outside: Path) -> None:
    for number in range(5_000):
        (inside / f"{number}.xyz").touch()


def _locked(inside: Path, outside: Path) -> None:
    (inside / "locked").mkdir(mode=0)
    (inside / "locked.md").write_text(GOOD)
    (inside / "locked.md").chmod(0)


def _growing(inside: Path, outside: Path) -> None:
    with (inside / "sparse.txt").open("wb") as file:
        file.truncate(1 << 40)


def _mounted(inside: Path, outside: Path) -> None:
    (inside / "mounted").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "none", str(inside / "mounted")], check=True)
    (inside / "mounted/a.md").write_text(GOOD)
    (inside / "mounted/link.md").symlink_to(outside / "secret.md")


def _process_files(inside: Path, outside: Path) -> None:
    (inside / "mounted").mkdir()
    subprocess.run(["mount", "-t", "proc", "none", str(inside / "mounted")], check=True)


def _zip_link(inside: Path, outside: Path) -> None:
    (inside / "link.zip").symlink_to(outside / "packed.zip")
    (outside / "packed.zip").write_bytes(b"PK\5\6" + bytes(18))


def _zip_names(inside: Path, outside: Path) -> None:
    from tests.hostile.archives import leading_out, links

    (inside / "out.zip").write_bytes(leading_out())
    (inside / "links.zip").write_bytes(links())


def _lookalike(inside: Path, outside: Path) -> None:
    """A folder that is named as the inside of an archive."""
    (inside / "a.zip!").mkdir()
    (inside / "a.zip!/b.md").symlink_to(outside / "secret.md")


def _lock_files(inside: Path, outside: Path) -> None:
    for name in ("~$good.docx", ".secret.md", ".git"):
        (inside / name).symlink_to(outside / "secret.md")


def _root_link(inside: Path, outside: Path) -> None:
    """The root's own folder has a link beside it that leads back in."""
    (inside / "again").symlink_to(inside)


def _hard_link(inside: Path, outside: Path) -> None:
    """Two names of one file inside; a name of a file outside is that file, and its maker's right to make."""
    os.link(inside / "good.md", inside / "twin.md")


def _dangling_folder(inside: Path, outside: Path) -> None:
    (inside / "a").mkdir()
    (inside / "a/b").symlink_to("../../outside/sub")
    (inside / "a/c.md").symlink_to("b/secret.md")


def _empty(inside: Path, outside: Path) -> None:
    (inside / "nothing/at/all").mkdir(parents=True)
    (inside / "empty.md").touch()


_MADE = (
    *(_file_link, _relative_link, _folder_link, _chain, _link_below, _named_like_a_folder, _process_links),
    *(_self_loop, _parent_loop, _two_loops, _broken, _pipe, _socket, _bytes, _controls, _twins, _long, _deep),
    *(_wide, _locked, _growing, _zip_link, _zip_names, _lookalike, _lock_files, _root_link, _hard_link),
    *(_dangling_folder, _empty, _device, _mounted, _process_files),
)
_ONLY_ROOT = frozenset({_device, _mounted, _process_files})
TREES = tuple(Tree(make.__name__[1:], make, make in _ONLY_ROOT) for make in _MADE)
