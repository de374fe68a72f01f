"""What a loader notices of a file: the parse report that `kb show --report` prints.

Keys of the report, all optional: `reader` (which library read it), `charset`, `pages` (how many),
`pages_without_text` (their numbers, 1-based), `tables`, `characters` (of canonical text), `hidden`
(reason to characters that no reader of the file sees and that were left out), `attachments`
(names), `running_lines` (how many lines that pages repeat were left out), `warnings` (sentences).
Values are plain: they travel between processes as JSON.
"""

from collections import Counter
from dataclasses import dataclass, field

MOST_WARNINGS = 50
MOST_NAMES = 200
_LONGEST = 300


@dataclass(slots=True)
class Notes:
    """Collects while a file is read; `report` is what is kept. Loaders that know more add their own keys."""

    reader: str = ""
    charset: str = ""
    pages: int = 0
    pages_without_text: list[int] = field(default_factory=list)
    tables: int = 0
    hidden: Counter[str] = field(default_factory=Counter)
    attachments: list[str] = field(default_factory=list)
    warnings: dict[str, None] = field(default_factory=dict)

    def hide(self, reason: str, text: str) -> None:
        """Text that is left out because no reader of the file sees it; `reason` is a word or two."""
        if visible := len("".join(text.split())):
            self.hidden[reason] += visible

    def warn(self, sentence: str) -> None:
        """Something of the file that is not in the text, or not surely right. The same is said once."""
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings[sentence[:_LONGEST]] = None

    def attach(self, name: str) -> None:
        """A file within the file."""
        if len(self.attachments) < MOST_NAMES:
            self.attachments.append(name[:_LONGEST])

    def report(self) -> dict[str, object]:
        """What was noticed, without what was not."""
        found: dict[str, object] = {
            "reader": self.reader,
            "charset": self.charset,
            "pages": self.pages,
            "pages_without_text": self.pages_without_text,
            "tables": self.tables,
            "hidden": dict(self.hidden),
            "attachments": self.attachments,
            "warnings": list(self.warnings),
        }
        return {key: value for key, value in found.items() if value}
