"""The same documents and questions through other systems with the same embedder, beside `kb`.

    python -m bench.peers setup        make the environments, once
    python -m bench.peers              everything, one table, `bench/results/peers.json`

Each system runs as a process of its own in an environment of its own, with pinned versions
(`requirements/NAME.txt`). All embed with wordllama, 256 dimensions, from its wheel. Nothing is
fetched while it runs.

A peer is measured as its documentation shows it (`default`) and, where that can be better, with
what the documentation offers for the language and with smaller chunks (`adapted`). Each module
says which pages it follows. What `kb` is compared with is the stronger of them.
"""
