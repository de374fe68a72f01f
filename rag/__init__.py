"""Answer questions over a company's documents; every quote is proved against the stored text.

from rag import open_system

async with open_system() as system:
    answer = await system.ask("How many days of annual leave do we get?")
"""

from typing import TYPE_CHECKING

from rag.errors import KBError
from rag.types import Answer, Citation, Document, Hit, Message, Piece, Principal, Request, Usage

if TYPE_CHECKING:
    from rag.settings import Settings
    from rag.system import System

__all__ = [
    "Answer",
    "Citation",
    "Document",
    "Hit",
    "KBError",
    "Message",
    "Piece",
    "Principal",
    "Request",
    "Usage",
    "open_system",
]


def open_system(settings: "Settings | None" = None, **flags: object) -> "System":
    """A system of these settings; without any, of the environment and the settings files.

    Parts are made when first needed. Use it as `async with open_system() as system`.
    """
    from rag.system import open_system as opened  # importing the nouns alone stays cheap

    return opened(settings, **flags)
