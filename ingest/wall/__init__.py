"""The wall around parsing: confined children, how files get in, how results get out."""
