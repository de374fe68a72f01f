"""Titles by rule: the first heading, the name, the first line, or a template of them."""

import re
from pathlib import PurePath

from ingest.clean import plain, seen
from ingest.types import Loaded


def by_rule(rule: str, loaded: Loaded, name: str) -> str:
    """The title that a rule of `.kb.toml` gives; `name` is the file's path as users see it.

    Empty where the file has nothing of what the rule asks for.
    """
    if rule == "heading":
        return _heading(loaded)
    if rule == "name":
        return _words(name)
    if rule == "first line":
        return _first_line(loaded)
    values = {"heading": _heading(loaded) or _words(name), "name": _words(name), "folder": _folder(name)}
    return seen(rule.format(**values, first_line=_first_line(loaded)))


def _heading(loaded: Loaded) -> str:
    return next((section.heading[0] for section in loaded.sections if section.heading), "")


def _first_line(loaded: Loaded) -> str:
    return next((line for raw in loaded.text.splitlines() if (line := plain(raw))), "")


def _words(name: str) -> str:
    return re.sub(r"[_\s-]+", " ", PurePath(name).stem).strip()


def _folder(name: str) -> str:
    return PurePath(name).parent.name
