"""An answer on a terminal: the text as it comes, then where it stands."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from api.cli import layout, terminal
from rag.types import Answer, Citation, Hit, Piece

NOT_ANSWERED = 1


async def show(stream: AsyncGenerator[Piece | Answer]) -> Answer:
    """Print the pieces of an answer as they come."""
    printed = ""
    async with aclosing(stream):
        async for item in stream:
            if isinstance(item, Answer):
                _end(printed, item)
                return item
            terminal.out(item.text, end="")
            printed += item.text
    raise AssertionError("a stream ends with an answer")


def exit_code(answer: Answer) -> int:
    """0 when there is an answer; 1 lets scripts see that there is none."""
    return 0 if answer.status == "answered" else NOT_ANSWERED


def print_places(answer: Answer) -> None:
    """The citations with their quotes, or the places nearest to a question without an answer."""
    for n in dict.fromkeys(citation.n for citation in answer.citations):
        _print_passage([citation for citation in answer.citations if citation.n == n])
    if answer.status == "not_found" and answer.nearest:
        terminal.out("\nNearest places:")
        for hit in answer.nearest:
            terminal.out(f"  - {place(hit)}")
    if answer.degraded:
        terminal.note(f"kb: answered without the model: {layout.one_line(answer.degraded.replace('_', ' '))}")


def place(found: Citation | Hit) -> str:
    """`title — source, page 3, "heading"`."""
    parts = [f"{found.title} — {found.source}" if found.title else found.source]
    if found.page is not None:
        parts.append(f"page {found.page}")
    if found.heading:
        parts.append(f'"{found.heading}"')
    return layout.one_line(", ".join(parts))


def _print_passage(citations: Sequence[Citation]) -> None:
    """One place, and every quote from it."""
    first = citations[0]
    terminal.out()
    terminal.out_styled(terminal.bold(f"[{first.n}] {place(first)}"))
    for quote in dict.fromkeys(citation.quote for citation in citations):
        terminal.out(layout.wrap(quote, indent="    "))


def _end(printed: str, answer: Answer) -> None:
    """What the pieces left out, if anything, and the end of the line."""
    rest = answer.text.removeprefix(printed) if answer.text.startswith(printed) else ""
    terminal.out(rest)
