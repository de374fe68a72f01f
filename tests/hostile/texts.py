"""Plain formats that nest without end, alias themselves, or are one endless line."""

import json
from collections.abc import Callable
from functools import partial

from tests.hostile.office import BILLION_LAUGHS, OUTSIDE, QUADRATIC

DEEP = 1_000_000
LONG = 20_000_000


def yaml_aliases() -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join(lines).encode()


def notebook() -> bytes:
    output = {"output_type": "stream", "name": "stdout", "text": ["line\n"] * 2_000_000}
    cell = {"cell_type": "code", "metadata": {}, "source": ["x"], "outputs": [output], "execution_count": 1}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()


def wide_table() -> bytes:
    head = ",".join(f"c{n}" for n in range(200_000))
    return "\n".join([head, *[",".join(["x"] * 200_000)] * 20]).encode()


def spans() -> bytes:
    cell = "<td rowspan=65534 colspan=1000>x</td>"
    return f"<table>{('<tr>' + cell * 50 + '</tr>') * 50}</table>".encode()


def attributes() -> bytes:
    return ("<p " + " ".join(f"a{n}=x" for n in range(500_000)) + ">text</p>").encode()


def styles() -> bytes:
    """Twenty thousand rules over twenty thousand elements."""
    rules = "".join(f".c{n} > div .d{n}, .e{n}:not(.f) {{ display: none }}\n" for n in range(20_000))
    body = "".join(f"<div class='c{n} d{n}'>text {n}</div>" for n in range(20_000))
    return f"<style>{rules}</style>{body}".encode()


def _repeated(text: str, times: int = LONG) -> bytes:
    return (text * (times // len(text))).encode()


BOMBS: dict[str, Callable[[], bytes]] = {
    "deep.json": lambda: b"[" * DEEP + b"]" * DEEP,
    "deep-objects.json": lambda: b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "number.json": lambda: b'{"a": ' + b"9" * 5_000_000 + b"}",
    "lines.jsonl": partial(_repeated, '{"a":[[[[1]]]]}\n'),
    "aliases.yaml": yaml_aliases,
    "deep.yaml": lambda: b"- " * 200_000 + b"x",
    "flow.yaml": lambda: b"[" * 200_000,
    "laughs.xml": lambda: f"<?xml version='1.0'?>{BILLION_LAUGHS}<x>&l11;</x>".encode(),
    "quadratic.xml": lambda: f"<?xml version='1.0'?>{QUADRATIC}<x>{'&q;' * 50_000}</x>".encode(),
    "outside.xml": lambda: f"<?xml version='1.0'?>{OUTSIDE}<x>&e;</x>".encode(),
    "deep.xml": lambda: b"<a>" * DEEP + b"</a>" * DEEP,
    "deep.html": lambda: b"<div>" * DEEP + b"text",
    "tables.html": lambda: b"<table><tr><td>" * 100_000 + b"text",
    "spans.html": spans,
    "attributes.html": attributes,
    "styles.html": styles,
    "line.csv": partial(_repeated, "x", 60_000_000),
    "quotes.csv": partial(_repeated, '"'),
    "wide.csv": wide_table,
    "brackets.md": partial(_repeated, "["),
    "images.md": partial(_repeated, "![a](", 5_000_000),
    "stars.md": partial(_repeated, "*a_", 5_000_000),
    "ticks.md": lambda: "".join("`" * (n % 300) + "a" for n in range(30_000)).encode(),
    "comments.md": partial(_repeated, "<!-", 5_000_000),
    "quoted.md": partial(_repeated, "> ", 5_000_000),
    "pipes.md": partial(_repeated, "|-", 5_000_000),
    "entities.md": partial(_repeated, "&#", 5_000_000),
    "adornments.rst": partial(_repeated, "=\n-\n", 5_000_000),
    "line.txt": partial(_repeated, "a", 9_000_000),
    "blanks.txt": partial(_repeated, " \t\u3000", 5_000_000),
    "marks.txt": partial(_repeated, "e\u0301\u0302\u0303", 3_000_000),
    "tags.txt": partial(_repeated, "\U000e0041\u200b", 2_000_000),
    "ideographs.txt": partial(_repeated, "年", 9_000_000),
    "output.ipynb": notebook,
    "code.py": partial(_repeated, "def f(", 5_000_000),
}
