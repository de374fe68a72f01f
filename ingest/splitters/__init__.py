"""Splitters: a loaded document to the stretches that are searched and quoted, one file each.

To add one, write `ingest/splitters/NAME.py` with `VERSION: int` (raise it when the same document is
cut otherwise) and `def split(loaded: Loaded, size: int) -> list[Section]`; or register a module under
the entry-point group `kb.splitters`. Stretches are in order, do not overlap, hold every visible
character of the sections, and none is blank or longer than `size`.
"""
