"""Makes hostile files: bombs that try to hang or bloat a reader, and files with text that no reader sees.

Nothing of it is kept as a file: `bombs()` and `hidden()` make them anew, always the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

SECRET = "cuttlefish-9417"  # stands in every hidden text, and nowhere else


@dataclass(frozen=True, slots=True)
class Bomb:
    """A file by its name; `make` gives its bytes."""

    name: str
    make: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Hidden:
    """A file with sentences that must be found and a secret that must not."""

    name: str
    make: Callable[[], bytes]
    visible: tuple[str, ...]


@cache
def bombs() -> tuple[Bomb, ...]:
    """All bombs, in order."""
    from tests.hostile import archives, mails, office, pdfs, pictures, texts

    modules = (archives, office, pdfs, pictures, mails, texts)
    return tuple(Bomb(name, make) for module in modules for name, make in module.BOMBS.items())


@cache
def hidden() -> tuple[Hidden, ...]:
    """All files with hidden text, in order."""
    from tests.hostile import hidden_office, hidden_pdfs, hidden_texts

    return tuple(_found(hidden_office, hidden_pdfs, hidden_texts))


def _found(*modules: object) -> Iterator[Hidden]:
    for module in modules:
        yield from module.HIDDEN  # type: ignore[attr-defined]
