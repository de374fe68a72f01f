"""`kb serve`: the HTTP service."""

from typing import Annotated

import typer

from api.cli.options import Home, Model, Store

Host = Annotated[
    str | None, typer.Option("--host", help="Address to bind; 127.0.0.1 unless set.", show_default=False)
]
Port = Annotated[
    int | None,
    typer.Option("--port", "-p", help="Port; 0 picks a free one.", min=0, max=65535, show_default=False),
]


def serve(
    host: Host = None, port: Port = None, model: Model = None, store: Store = None, home: Home = None
) -> int:
    """Answer over HTTP. Other addresses than loopback need KB_KEYS."""
    from api import serve as service
    from rag.settings import load

    service.run(load(host=host, port=port, model=model, store=store, home=home))
    return 0
