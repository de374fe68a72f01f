"""The output wall: every answer leaves through `Gate`, whoever wrote it and whichever way it goes.

What leaves is text, lists, code, tables and the server's own citation numbers. `mask` is the same
wall for quotes and passages, which keep their length so that their offsets stay true.
"""

from rag.gate.leak import Guarded
from rag.gate.mask import mask, mask_hit, source_shown
from rag.gate.wall import Gate, GateClosed, clean

__all__ = ["Gate", "GateClosed", "Guarded", "clean", "mask", "mask_hit", "source_shown"]
