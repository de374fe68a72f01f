"""Tripwires on what comes in: they raise a score in the trace, they never block by themselves.

The wall is on the output (`rag.gate`): a text without any suspicious word can still be an attack.
"""
