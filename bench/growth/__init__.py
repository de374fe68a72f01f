"""Ten thousand documents: bytes a CPU second, memory, and where the time goes, beside a bare LanceDB script.

    python -m bench.growth [--documents N] [--no-lancedb]

The documents are made by a seeded script (`documents.py`), the same for both. CPU seconds are those
of all processes, from the kernel; wall time is told, but never compared.
"""
