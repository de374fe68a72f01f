"""What a crawler asks of an HTML page: its links, and whether it wants to be read at all."""

from ingest.sources._url import joined, origin

MOST_LINKS = 5_000
_NAMES = ("robots", "kb")


def links(html: bytes, url: str) -> list[str]:
    """Addresses on the same host that the page links to, each once, in order."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(html)
    base = tree.css_first("base[href]")
    start = (joined(url, base.attributes.get("href") or "") or url) if base is not None else url
    found: dict[str, None] = {}
    for anchor in tree.css("a[href]")[:MOST_LINKS]:
        if "nofollow" in (anchor.attributes.get("rel") or ""):
            continue
        target = joined(start, anchor.attributes.get("href") or "")
        if target and origin(target) == origin(url):
            found[target] = None
    return list(found)


def directives(html: bytes, header: str) -> frozenset[str]:
    """`noindex`, `nofollow` and the like, from the page and from the header X-Robots-Tag."""
    from selectolax.lexbor import LexborHTMLParser

    metas = [meta.attributes for meta in LexborHTMLParser(html).css("meta[name][content]")]
    said = [meta.get("content") or "" for meta in metas if (meta.get("name") or "").lower() in _NAMES]
    words = frozenset(word.strip().lower() for line in [header, *said] for word in line.split(","))
    return words | {"noindex", "nofollow"} if "none" in words else words
