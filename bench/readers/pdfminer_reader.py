"""PDF by pdfminer.six, with its own analysis of the layout and its own defaults."""

from pathlib import Path

from bench.readers.serve import serve


def read(path: Path) -> str:
    """All pages; an empty password is tried, as every reader does."""
    from pdfminer.high_level import extract_text

    return str(extract_text(path))


if __name__ == "__main__":
    serve(read)
