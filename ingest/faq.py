"""An FAQ document that grows: Markdown, one heading an entry, other wordings in the heading.

    ## How long is parental leave? / How many weeks off do new parents get?

    Sixteen weeks, paid in full.

A heading that ends with a question mark is an entry of its own to the splitter, and its words count
for the answer below it without ever being taken for one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.loaders import markdown
from rag import atomic
from rag.errors import BadInput
from rag.gate import mask
from rag.guards.injection import SUSPICIOUS, score
from rag.settings import Settings
from rag.wording import ASKS, BETWEEN, LONGEST_HEADING, asking, fold
from rag.words import has_cjk

MOST_WORDINGS = 5
_PATIENCE = 10.0  # seconds; an entry is written in milliseconds
_LONGEST = 160  # characters of a wording
_MARKS = re.compile(r"<!--|-->|[\x00-\x1f\x7f]|^[\s#>*+-]+|[\s#]+$")


@dataclass(frozen=True, slots=True)
class Entry:
    """A question with its answer (Markdown); `others` are wordings of the same question."""

    question: str
    answer: str
    others: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """The wordings that fit, the question first."""
        said = self.question
        for other in self.others[:MOST_WORDINGS]:
            if len(said) + len(BETWEEN) + len(other) <= LONGEST_HEADING:
                said += BETWEEN + other
        return said

    def markdown(self) -> str:
        """The entry as it stands in the file, ending with an empty line."""
        return f"## {self.heading}\n\n{self.answer}\n\n"


def entry(question: str, answer: str, others: Sequence[str] = ()) -> Entry:
    """An entry of these words. `BadInput` when the answer is empty or would end the entry.

    Of the other wordings those are left out that carry a secret or an order to a model: whoever asks
    must not write into a document that others are answered from.
    """
    made = Entry(_asking(question), answer.replace("\r\n", "\n").strip(), tuple(_others(question, others)))
    if not fold(made.question):
        raise BadInput("the question is empty", hint='--question "How long is parental leave?"')
    if len(made.question) > LONGEST_HEADING:
        raise BadInput(
            f"the question has {len(made.question)} characters; a heading has at most {LONGEST_HEADING}",
            hint='--question "..." words it shorter',
        )
    if not made.answer:
        raise BadInput("the answer is empty", hint="write it after the id, or '-' and pipe it in")
    _check(made)
    return made


def question_of(wordings: Sequence[str]) -> str:
    """The first wording that may stand in the document; `BadInput` when none may."""
    for wording in wordings:
        if _is_fit(_asking(wording)):
            return wording
    raise BadInput(
        "no wording of this question may stand in a document: too long, with a secret or with an order",
        hint='--question "..." words it anew',
    )


def extended(text: str, new: Entry) -> str:
    """The document with the entry: in place of the one with the same question, else at the end."""
    start, end, known = _place(text, new.question)
    others = tuple(_others(new.question, (*new.others, *known)))
    made = Entry(new.question, new.answer, others).markdown()
    if start < 0:
        before = text.rstrip("\n") + "\n\n" if text.strip() else _title(new.question)
        return before + made
    return text[:start] + made + text[end:]


def write(path: Path, new: Entry) -> bool:
    """Put the entry into the file, which is made when it is not there. Returns whether it was made.

    The file is read and replaced under a lock, so two entries at once are both kept.
    """
    if path.suffix.lower() not in markdown.SUFFIXES:
        raise BadInput(f"{path} is no Markdown file", hint="--file NAME.md")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=_PATIENCE):
            is_new = not path.exists()
            text = "" if is_new else path.read_bytes().decode("utf-8-sig")
            atomic.write(path, extended(text, new))
    except Timeout as error:  # also where no lock file can be made, as in /proc
        raise BadInput(f"{path} cannot be locked", hint="try again, or name another --file") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8", hint="save it as UTF-8, or name another --file") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}", hint="name another --file") from error
    return is_new


def default_path(settings: Settings, collection: str) -> Path:
    """The FAQ document of a collection in the home folder."""
    return settings.home / "faq" / settings.tenant / collection / "faq.md"


def _asking(question: str) -> str:
    """One line that ends with a question mark and opens nothing in Markdown."""
    said = " ".join(_MARKS.sub(" ", " ".join(question.split())).replace(BETWEEN, "/").split())
    return asking(said) if said else said


def _others(question: str, others: Sequence[str]) -> Iterator[str]:
    seen = {fold(_asking(question))}
    for other in map(_asking, others):
        if _is_fit(other) and fold(other) not in seen:
            seen.add(fold(other))
            yield other


def _is_fit(wording: str) -> bool:
    """Whether what somebody asked may stand in a document that others are answered from."""
    return bool(
        fold(wording) and len(wording) <= _LONGEST and score(wording) < SUSPICIOUS and not mask(wording)[1]
    )


def _check(made: Entry) -> None:
    """The loader must read the entry as one section under its question, and what follows as another."""
    text = made.markdown()
    found = markdown.load(f"{text}## Next?\n\nx".encode("utf-8", "replace"), "faq.md").sections
    whole = len(found) == 2 and found[0].span.end == len(text)
    if not whole or not found[0].heading[-1].endswith(ASKS):
        raise BadInput(
            "the answer would not stay one entry: it holds a heading, a comment or an unclosed fence",
            hint="write headings in bold, and no <!-- comments -->",
        )


def _place(text: str, question: str) -> tuple[int, int, tuple[str, ...]]:
    """Where the entry of this question stands, with its other wordings; -1 when there is none."""
    for section in markdown.load(text.encode("utf-8", "replace"), "faq.md").sections:
        first, *others = section.heading[-1].split(BETWEEN) if section.heading else [""]
        if fold(first) == fold(question):
            return section.span.start, section.span.end, tuple(others)
    return -1, -1, ()


def _title(question: str) -> str:
    return "# 常见问题\n\n" if has_cjk(question) else "# Frequently asked questions\n\n"
