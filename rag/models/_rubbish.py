"""Text that no service should send, the same each time."""

from random import Random

# Terminal escapes, bidirectional overrides, zero width, line separators, private use, not a character.
_NASTY = (
    "\x00\x07\x1b]0;gone\x07\x1b[2J\r\u202e\u2066\u200b\ufeff\u2028\u2029\ue000\ufffe\U000e0041\U0010ffff"
)


def rubbish(size: int = 600) -> str:
    """Random bytes read as Latin-1 among characters that break terminals and parsers."""
    random = Random(7)  # noqa: S311 - repeatable noise, no secret
    noise = random.randbytes(size).decode("latin-1")
    nasty = "".join(random.choices(_NASTY, k=size // 4))
    return "".join(random.sample(noise + nasty, len(noise) + len(nasty)))
