"""What a document's state means and the one next step, in words that need no manual."""

from collections.abc import Sequence

OK = "ok"
PROBLEMS = "problems"
NEXT_STEP = {
    "ocr needed": 'scans or pictures without text: pip install "kb[ocr]", then kb ingest again',
    "password needed": "put the passwords into a file, one a line, then kb ingest --password-file FILE",
    "damaged": "open it in its own program and save it anew, or remove it",
    "quarantined": "it has text that no reader sees: look at it, then --hidden-text drop reads the rest",
    "too large": "divide it, or raise --max-file-mb (large) or KB_PARSE_SECONDS (slow to read)",
    "empty": "there is no text in it: remove it, or leave it out by a line in .kbignore",
    "unsupported": "save it in another format, such as PDF or DOCX",
    "unreadable": "give this user the right to read it",
    "missing": "its file is gone; it still answers until kb ingest --prune removes it",
    "expired": "it no longer answers: set a later valid_until in its folder's .kb.toml, or kb delete",
    "not yet valid": "it answers from its valid_from day on",
    "reading": "the run was interrupted: kb ingest again",
}
_OTHERWISE = "kb show --report ID says more"


def next_step(state: str) -> str:
    """What to do about a document in this state; empty for one that is well."""
    return "" if state == OK else NEXT_STEP.get(state, _OTHERWISE)


def wanted(state: str, asked: Sequence[str]) -> bool:
    """Whether a state is among those asked for; `problems` are all but ok, none are all."""
    return not asked or state in asked or (PROBLEMS in asked and state != OK)


def known() -> list[str]:
    """Every state that can be asked for."""
    return [OK, PROBLEMS, *NEXT_STEP]
