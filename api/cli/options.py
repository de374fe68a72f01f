"""Options that several commands share: one meaning, one spelling, one help text."""

from typing import Annotated

import typer

Collection = Annotated[
    str | None, typer.Option("--collection", "-c", help="Only this collection.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Model = Annotated[
    str | None, typer.Option("--model", help="provider:name; '' answers without.", show_default=False)
]
Store = Annotated[
    str | None, typer.Option("--store", help="local, or weaviate://host:8080.", show_default=False)
]
Home = Annotated[str | None, typer.Option("--home", help="Folder of catalog and index.", show_default=False)]
Limit = Annotated[
    int | None, typer.Option("--limit", "-n", help="Most passages.", min=1, max=50, show_default=False)
]
