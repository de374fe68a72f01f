"""`kb config` and `kb version`: what this installation is and how it is set."""

from api.cli import layout, terminal
from api.cli.options import Collection, Home, Json, Model, Store


def version(json: Json = False) -> int:
    """Print the version of kb."""
    from api.encode import product_version

    if json:
        terminal.out_json({"version": product_version()})
    else:
        terminal.out(f"kb {product_version()}")
    return 0


def config(
    collection: Collection = None,
    model: Model = None,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Print every setting, its value and where it comes from. Secrets are masked."""
    from api.shown import rows
    from rag import weights
    from rag.settings import load

    settings = load(collection=collection, model=model, store=store, home=home)
    found = rows(settings)
    if json:
        terminal.out_json({"settings": found})
        return 0
    wide = max(len(row["name"]) for row in found)
    for row in found:
        value = row["shown"] or "(empty)"
        terminal.out_styled(f"{terminal.bold(row['name'].ljust(wide))}  {layout.clean(value)}")
        terminal.out_styled(terminal.dim(f"{' ' * wide}  {row['description']} [{row['origin']}]"))
    if (tuned := settings.home / weights.FILE).is_file():
        terminal.note(f"kb: {tuned} tunes ranking and refusal; kb tune --show prints it")
    return 0
