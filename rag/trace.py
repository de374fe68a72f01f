"""What one request did and how long each part took: small, made for every request."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


def new_id() -> str:
    """Sixteen hex digits."""
    return secrets.token_hex(8)


@dataclass(slots=True)
class Trace:
    """`timings` in milliseconds by stage; `fields` hold no question, answer or document text."""

    id: str = field(default_factory=new_id)
    timings: dict[str, float] = field(default_factory=dict)
    fields: dict[str, object] = field(default_factory=dict)
    clock: Callable[[], float] = time.perf_counter

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Adds the time of the block to its stage, also when it fails."""
        began = self.clock()
        try:
            yield
        finally:
            spent = (self.clock() - began) * 1000
            self.timings[stage] = round(self.timings.get(stage, 0.0) + spent, 3)

    def note(self, **fields: object) -> None:
        """Keep fields; a later one replaces an earlier one of the same name."""
        self.fields.update(fields)

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {"id": self.id, "timings": dict(self.timings), **self.fields}
