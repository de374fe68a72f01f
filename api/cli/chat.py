"""`kb chat`: a conversation. It is remembered while it lasts."""

import sys
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.cli import answers, terminal
from api.cli.options import Collection, Home, Limit, Model, Store
from rag.errors import KBError
from rag.types import Answer, Message, Request

if TYPE_CHECKING:
    import asyncio

    from rag.system import System

_WELCOME = "Ask; /sources shows where the last answer stands, /new begins anew, /quit ends."


def chat(
    collection: Collection = None,
    limit: Limit = None,
    model: Model = None,
    store: Store = None,
    home: Home = None,
) -> int:
    """Talk about the documents. Ctrl-C stops an answer, Ctrl-D ends."""
    import asyncio

    from rag.settings import load
    from rag.system import System

    with suppress(ImportError):  # not everywhere; with it lines can be edited and called back
        import readline  # noqa: F401
    settings = load(limit=limit, model=model, store=store, home=home)
    with asyncio.Runner() as runner:
        talk = Talk(System(settings), runner, collection)
        try:
            talk.loop()
        finally:
            runner.run(talk.system.close())
    return 0


@dataclass(slots=True)
class Talk:
    """A conversation in progress."""

    system: "System"
    runner: "asyncio.Runner"
    collection: str | None
    history: list[Message] = field(default_factory=list)
    conversation: str = field(default_factory=lambda: uuid.uuid4().hex)
    last: Answer | None = None

    def loop(self) -> None:
        """Read and answer until the end of the input."""
        if sys.stdin.isatty():
            terminal.note(_WELCOME)
        while (line := _read()) is not None:
            if line == "/quit":
                return
            if line.startswith("/"):
                self.command(line)
            elif line:
                self.answer(line)

    def command(self, line: str) -> None:
        """Carry out a line that begins with a slash."""
        if line == "/new":
            self.history, self.conversation, self.last = [], uuid.uuid4().hex, None
            terminal.note("a new conversation")
        elif line == "/sources" and self.last is not None:
            answers.print_places(self.last)
        elif line == "/sources":
            terminal.note("nothing was answered yet")
        else:
            terminal.note(_WELCOME)

    def answer(self, text: str) -> None:
        """Answer one question; what goes wrong ends the answer, not the conversation."""
        settings = self.system.settings
        request = Request(
            text,
            history=tuple(self.history[-settings.max_history :]) if settings.max_history else (),
            collection=self.collection,
            limit=settings.limit,
            principal=self.system.operator,
            conversation=self.conversation,
        )
        try:
            answer = self.runner.run(answers.show(self.system.stream(request)))
        except KeyboardInterrupt:
            terminal.note("\nkb: stopped")
            return
        except KBError as error:
            terminal.note(f"kb: {error}")
            if error.hint:
                terminal.note(f"hint: {error.hint}")
            return
        self._keep(text, answer)

    def _keep(self, text: str, answer: Answer) -> None:
        self.last = answer
        self.history += [Message("user", text), Message("assistant", answer.text)]
        if answer.citations:
            sources = dict.fromkeys(f"[{c.n}] {c.source}" for c in answer.citations)
            terminal.out_styled(terminal.dim("  ".join(sources)))
        else:
            answers.print_places(answer)


def _read() -> str | None:
    """The next line; None at the end. Ctrl-C at the prompt empties the line."""
    prompt = "> " if sys.stdin.isatty() else ""
    while True:
        try:
            return input(prompt).strip()
        except EOFError:
            return None
        except KeyboardInterrupt:
            terminal.note("\n(Ctrl-D or /quit ends)")
