"""Files that hold the same bytes."""

from collections.abc import Iterable


def copies(files: Iterable[tuple[str, bytes]]) -> list[str]:
    """Names of the files whose bytes one before them, by name, has already; `files` are (name, hash).

    A file without a hash was never read and is no copy.
    """
    seen: set[bytes] = set()
    found: list[str] = []
    for name, digest in sorted(files):
        if digest and digest in seen:
            found.append(name)
        seen.add(digest)
    return found
