"""XML as services send it. A document with a DTD is refused: none of them needs one, attacks do."""

from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from rag.errors import BackendError


class _NoDTD(TreeBuilder):
    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        """Called before anything that the DTD declares."""
        raise ParseError("a document type")


def parse(data: bytes, what: str) -> Element:
    """The root element. `BackendError` when it is no XML; `what` is what errors call it."""
    parser = XMLParser(target=_NoDTD())  # noqa: S314
    try:
        parser.feed(data)
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise BackendError(f"{what} sends XML that cannot be read", hint="is the address right?") from error
    return root


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def text(element: Element, name: str) -> str:
    """What the first element below with this local name says; empty without one."""
    return next(((one.text or "").strip() for one in element.iter() if local(one) == name), "")
