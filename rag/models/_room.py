"""How much one answer may bring: a service that never stops is broken, whatever it says."""

from rag.errors import BackendError

CHARACTERS_PER_TOKEN = 16  # longer than any tokenizer's average in any script
MAX_CHUNKS = 100_000  # reasoning that is dropped comes one token a chunk


class Room:
    """What is left of an answer's allowance of characters and chunks."""

    def __init__(self, max_tokens: int) -> None:
        self._characters = max_tokens * CHARACTERS_PER_TOKEN
        self._chunks = MAX_CHUNKS

    def take(self, text: str) -> str:
        """The text, if there was room for it; otherwise `BackendError`."""
        self._chunks -= 1
        self._characters -= len(text)
        if self._characters < 0 or self._chunks < 0:
            raise BackendError("the model does not stop", hint="ask again, or try another model")
        return text
