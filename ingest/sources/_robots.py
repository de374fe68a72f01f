"""robots.txt (RFC 9309): the rules for us, by the longest match, with `*` and `$`."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

MOST_BYTES = 500 << 10
MOST_DELAY = 10.0
_MOST_RULES = 5_000


@dataclass(frozen=True, slots=True)
class Robots:
    """`rules` are (allowed, path pattern); `delay` is in seconds."""

    rules: tuple[tuple[bool, str], ...] = ()
    delay: float = 0.0

    def allows(self, url: str) -> bool:
        """Whether the site lets us read this address. Of equally long rules the allowing one holds."""
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        fitting = [(len(rule), allowed) for allowed, rule in self.rules if _pattern(rule).match(path)]
        return not fitting or max(fitting)[1]


def parse(body: bytes, agent: str) -> Robots:
    """The rules for `agent`, or those for everyone when it is not named."""
    groups = _groups(body[:MOST_BYTES].decode("utf-8", "replace"))
    mine = [lines for names, lines in groups if agent in names]
    chosen = mine or [lines for names, lines in groups if "*" in names]
    lines = [line for group in chosen for line in group][:_MOST_RULES]
    rules = tuple((key == "allow", value) for key, value in lines if key != "crawl-delay" and value)
    return Robots(rules, max((_seconds(value) for key, value in lines if key == "crawl-delay"), default=0.0))


def _groups(text: str) -> list[tuple[set[str], list[tuple[str, str]]]]:
    groups: list[tuple[set[str], list[tuple[str, str]]]] = []
    in_names = False
    for line in text.splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if key == "user-agent" and colon:
            if not in_names:
                groups.append((set(), []))
            groups[-1][0].add(value.partition("/")[0].lower())
            in_names = True
        elif groups and key in ("allow", "disallow", "crawl-delay"):
            groups[-1][1].append((key, value))
            in_names = False
    return groups


@lru_cache(maxsize=10_000)
def _pattern(rule: str) -> re.Pattern[str]:
    """Atomic groups: the first place where a piece fits is as good as any, so it never backtracks."""
    rule, end = (rule[:-1], "$") if rule.endswith("$") else (rule, "")
    first, *pieces = re.sub(r"\*+", "*", rule).split("*")
    inner, last = (pieces[:-1], pieces[-1:]) if end else (pieces, [])
    steps = [f"(?>.*?{re.escape(piece)})" for piece in inner] + [f".*{re.escape(one)}" for one in last]
    return re.compile(re.escape(first) + "".join(steps) + end, re.DOTALL)


def _seconds(value: str) -> float:
    try:
        return min(max(float(value), 0.0), MOST_DELAY)
    except ValueError:
        return 0.0
