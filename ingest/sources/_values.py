"""Options of a source (`--set name=value`): known names, checked values."""

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.sources import Options
from rag.errors import BadInput


@dataclass(frozen=True, slots=True)
class Values:
    """What was set for one source; `kind` is what errors call it."""

    kind: str
    held: Mapping[str, str]

    @classmethod
    def of(cls, kind: str, options: Options, allowed: str, more: Mapping[str, str] | None = None) -> "Values":
        """The options, all of them among the words of `allowed`; `more` are those of the URL's query."""
        held = {**(more or {}), **options.values}
        if strange := sorted(set(held) - set(allowed.split())):
            raise BadInput(f"{kind} sources have no option {strange[0]!r}", hint=f"there are: {allowed}")
        return cls(kind, held)

    def text(self, name: str, default: str = "") -> str:
        """The value as it is."""
        return self.held.get(name, default)

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number from 0 to `most`."""
        raw = self.held.get(name, str(default))
        if not (raw.isascii() and raw.isdigit() and int(raw) <= most):
            said = f"option {name} is {raw!r}; a number from 0 to {most} was expected"
            raise BadInput(said, hint=f"--set {name}={default}")
        return int(raw)

    def switch(self, name: str, default: bool) -> bool:
        """`on` or `off`."""
        raw = self.held.get(name, "on" if default else "off")
        if raw not in ("on", "off"):
            raise BadInput(f"option {name} is {raw!r}; on or off was expected", hint=f"--set {name}=off")
        return raw == "on"

    def listed(self, name: str) -> tuple[str, ...]:
        """Words with commas between them."""
        return tuple(word.strip() for word in self.held.get(name, "").split(",") if word.strip())
