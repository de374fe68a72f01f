"""Reading a store back: does anything in it belong to no passage of the catalog?"""

from rag.catalog import Catalog, chunks
from rag.erase.made import Made
from rag.erase.receipt import Looked
from rag.stores import Candidates, Store


async def strays(catalog: Catalog, store: Store, tenant: str, made: Made) -> Looked:
    """Its list of entries, and what the deleted passages' own words and vectors find."""
    held = await store.chunks(tenant)
    with catalog.read() as connection:
        current = chunks.current_ids(connection, tenant)
    found = set(held)
    for query in made.queries:
        found |= _hits(await store.search(tenant, query))
    left = found - current
    figures = {"entries": len(held), "queries": len(made.queries), "left": len(left)}
    return Looked(f"store {store.name}", figures, (f"the store {store.name}",) if left else ())


def _hits(found: Candidates) -> set[int]:
    return {hit.chunk for hit in (*found.words, *found.vectors)}
