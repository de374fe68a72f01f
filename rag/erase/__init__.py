"""Deletion with proof: hide, remove, read back every place, leave a signed receipt without content.

`decide` hides documents and notes that they must go; `finish` removes them and proves it; whoever
writes next finishes what was interrupted (`unfinished`). `docs/deletion.md` says what is proved.
"""

from rag.erase.asked import Asked
from rag.erase.decision import Erasure, decide, unfinished
from rag.erase.prove import finish
from rag.erase.receipt import Receipt

__all__ = ["Asked", "Erasure", "Receipt", "decide", "finish", "unfinished"]
