"""Drafts by rule, from stored text, without a model: plain ones, to be mended by a person.

`faq`: a heading that asks, answered by its first sentences. `definition`: "X is a ...". `number`: a
sentence with one figure and its unit. `row`: one cell of a table.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.evaluate.drafts import Draft
from rag.evaluate.passages import Passage, Unit, units
from rag.gate import mask
from rag.pipeline.parse import language
from rag.sentences import plain
from rag.types import Language
from rag.wording import ASKS, BETWEEN
from rag.words import has_cjk

FAQ, DEFINITION, NUMBER, ROW = "faq", "definition", "number", "row"
_FAQ_SENTENCES, _FAQ_CHARACTERS = 2, 300
_SENTENCE: dict[Language, tuple[int, int]] = {"en": (25, 300), "zh": (10, 150)}  # characters

_MEANS = re.compile(
    r"(?P<the>The |An? |)(?P<name>\w[\w.+-]*(?: [\w.+-]+){0,4}?) (?P<verb>is|are|means|stands for) "
    r"(?P<rest>.+)"
)
_NO_NAME = re.compile(
    r"(?:this|that|it|these|those|there|he|she|they|we|you|i|if|when|what|which|who|here|all|each|no|not"
    r"|some|for|in|on|at|by|as|to|please|yes|none|nobody|everybody|everyone)\b",
    re.IGNORECASE,
)
_MEANS_ZH = re.compile(
    r"(?P<name>[^，。：；、？！\s“”（）]{2,16}?)(?:是指|指的是|是一种|是一个|是一款|是一套|是一项)(?P<rest>.{4,})"
)
_NO_NAME_ZH = re.compile("[这那它他她我你您本该其如若但不此以为在当对可就也都还只每有]")
_FIGURE = re.compile(
    r"(?<![\w.,/-])(?P<before>(?:[Ww]ithin|after|before) )?(?P<figure>\d+(?:[.,]\d+)*) "
    r"(?P<unit>(?:(?:working|calendar|business|full|paid) )?"
    r"(?:days|weeks|months|years|hours|minutes|seconds|people|employees|characters|attempts|requests"
    r"|metres|meters|litres|readings|devices|GB|MB|kg|km))\b(?: of (?P<what>(?!the )[a-z][a-z -]{2,40}?)"
    r"(?=[,.;:)]| (?:a|an|per|in|for|each|every|if|and|or|on|at|with|when|after|before|from|to) |$))?"
)
_FIGURE_ZH = re.compile(
    r"(?P<figure>\d+(?:\.\d+)?|[一二三四五六七八九十百两]{1,4}) ?"
    r"(?P<unit>个?工作日|个?小时|分钟|天|周|个月|个字符|次|台|元|公里|GB|MB)(?![一-龥]?[数年])"
)
_NUMBERED = re.compile(
    r"^(?:\d+(?:\.\d+)*[.)]?\s+|[一二三四五六七八九十]+、|第[一二三四五六七八九十\d]+[章节条]\s*)"
)
_PAIRS = re.compile(r"[^:;\n]{1,60}: [^;\n]+(?:; [^:;\n]{1,60}: [^;\n]+)+")


@dataclass(frozen=True, slots=True)
class _Named:
    """A table's row in words: whose it is, and one value of it under its column."""

    name: str
    column: str
    value: str


def drafts(passages: Sequence[Passage]) -> list[Draft]:
    """All drafts that one document gives. Nothing is drafted of a text that may not be shown."""
    found = [*_entries(passages)]
    for passage in passages:
        for unit in units(passage):
            if not unit.heading.endswith(ASKS):
                found += _of(passage, unit)
    return list({draft.id: draft for draft in found if _is_fit(draft)}.values())


def _is_fit(draft: Draft) -> bool:
    shown = [draft.question, draft.answer, *(plain(gold.quote) for gold in draft.gold)]
    return not any(mask(text)[1] for text in shown)


def _entries(passages: Sequence[Passage]) -> Iterator[Draft]:
    """Headings that ask, with the first sentences under them."""
    done: set[str] = set()
    for passage in passages:
        under: dict[str, list[Unit]] = {}
        for unit in units(passage):
            if unit.heading.endswith(ASKS):
                under.setdefault(unit.heading, []).append(unit)
        for heading, some in under.items():
            if heading not in done:  # a long entry goes on in the next passage
                yield _entry(passage, heading, some)
        done.update(under)


def _entry(passage: Passage, heading: str, some: Sequence[Unit]) -> Draft:
    start = some[0].sentence.start
    ends = [one.sentence.end for one in some[:_FAQ_SENTENCES]]
    end = max((end for end in ends if end - start <= _FAQ_CHARACTERS), default=ends[0])
    gold = passage.gold(start, end)
    question = heading.split(BETWEEN)[0]
    return Draft(question, language(question), FAQ, plain(gold.quote), (gold,))


def _of(passage: Passage, unit: Unit) -> Iterator[Draft]:
    """What one sentence or row gives."""
    if row := _row(unit):
        yield _made(passage, unit, ROW, _row_question(row), row.value)
        return
    least, most = _SENTENCE[passage.language]
    if unit.sentence.kind not in ("prose", "item") or not least <= len(unit.text) <= most:
        return
    if question := _definition(unit.text):
        yield _made(passage, unit, DEFINITION, question, unit.text)
    elif asked := _figure(passage, unit):
        yield _made(passage, unit, NUMBER, *asked)


def _made(passage: Passage, unit: Unit, kind: str, question: str, answer: str) -> Draft:
    gold = passage.gold(unit.sentence.start, unit.sentence.end)
    return Draft(question, language(question), kind, answer, (gold,))


def _definition(text: str) -> str:
    """`What is X?` for a sentence that says it, else ''."""
    if has_cjk(text):
        found = _MEANS_ZH.match(text)
        return f"什么是{found['name']}？" if found and not _NO_NAME_ZH.match(found["name"]) else ""
    found = _MEANS.match(text)
    if not found or _NO_NAME.match(found["name"]):
        return ""
    verb, name = found["verb"], found["the"].lower() + found["name"]
    if verb in ("is", "are"):
        is_kind = found["rest"].split()[0] in ("a", "an", "the", "any", "all", "our", "every")
        return f"What {verb} {name}?" if is_kind else ""
    return f"What does {name} {'mean' if verb == 'means' else 'stand for'}?"


def _figure(passage: Passage, unit: Unit) -> tuple[str, str] | None:
    """A question for the only figure of a sentence, and the figure with its unit."""
    pattern = _FIGURE_ZH if has_cjk(unit.text) else _FIGURE
    found = list(pattern.finditer(unit.text))
    if len(found) != 1:
        return None
    one = found[0]
    answer = f"{one['figure']} {one['unit']}" if pattern is _FIGURE else one[0]
    if pattern is _FIGURE and one["what"] and not one["before"]:
        return f"How many {one['unit']} of {one['what']} are there?", answer
    if not (about := _about(passage.title, unit.heading)):
        return None
    if pattern is _FIGURE_ZH:
        return f"{about}：多少{one['unit']}？", answer
    return f"{about}: how many {one['unit']}?", answer


def _about(title: str, heading: str) -> str:
    """The heading without its number; with the title where it says little alone."""
    heading = _NUMBERED.sub("", heading)
    wide = has_cjk(heading)
    says_little = len(heading) <= 4 if wide else len(heading.split()) <= 2
    if not (heading and says_little and title) or title == heading:
        return heading
    return f"{title}{'，' if wide else ', '}{heading}"


def _row(unit: Unit) -> _Named | None:
    """The row's name and its first other value, where the columns have names."""
    if unit.sentence.kind == "row" and unit.header:
        names, values = _cells(unit.header), _cells(unit.text)
    elif _PAIRS.fullmatch(unit.text):
        pairs = [pair.partition(": ") for pair in unit.text.split("; ")]
        names, values = [pair[0] for pair in pairs], [pair[2] for pair in pairs]
    else:
        return None
    if len(names) != len(values) or len(names) < 2 or not _is_name(values[0]):
        return None
    at = next((i for i in range(1, len(values)) if values[i].strip("-–—/ ") and names[i]), 0)
    return _Named(values[0], names[at], values[at]) if at else None


def _row_question(row: _Named) -> str:
    if has_cjk(row.name + row.column):
        return f"{row.name}的{row.column}是{'多少' if re.search(r'[0-9]', row.value) else '什么'}？"
    column = row.column if row.column[1:2].isupper() else row.column[:1].lower() + row.column[1:]
    return f"What is the {column} for {row.name}?"


def _cells(row: str) -> list[str]:
    return [plain(cell) for cell in row.strip().strip("|").split("|")]


def _is_name(cell: str) -> bool:
    return 1 < len(cell) <= 60 and any(letter.isalpha() for letter in cell)
