"""Elements of XML as a tree of objects, or as paragraphs where they hold running text."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.formats.records import one_line
from ingest.formats.tree import tree as _tree
from ingest.formats.tree.nodes import Pairs, Tree

DEEPEST = 200  # what is nested deeper is read as the text of the element there
_MOST_HEADING = 200
_NAMES = ("title", "name", "heading", "caption", "标题", "名称")
_LABELS = ("name", "key", "id", "lang")  # attributes that say which of several an element is
_TECHNICAL = ("xmlns", "xml:", "xsi:")


@dataclass(slots=True)
class Element:
    """An element: its name without prefix, attributes, and its text and elements in order."""

    tag: str
    attributes: dict[str, str]
    content: "list[Element | str]" = field(default_factory=list)

    @property
    def children(self) -> "list[Element]":
        return [child for child in self.content if isinstance(child, Element)]

    @property
    def has_text(self) -> bool:
        """Whether it says something itself, between its elements."""
        return any(isinstance(part, str) and part.strip() for part in self.content)


def write(document: Element) -> tuple[str, _tree.Page]:
    """The title of the document (its element's own) and its text."""
    page = _tree.Page()
    roots = document.children
    title = next((said for element in _outer(document) if (said := _name(element))), "")
    for root in roots:
        if _is_prose(root):
            _prose(page, root)
        else:
            page.take(_tree.write(_value(root, 0)))
    return title, page


def text_of(element: Element) -> str:
    """All its text in order, without recursion."""
    said: list[str] = []
    stack: list[Element | str] = [element]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            said.append(part)
        else:
            stack.extend(reversed(part.content))
            said.append(" " if part.children else "")
    return one_line("".join(said))


def _outer(element: Element) -> Iterator[Element]:
    """The elements that hold all the others, outermost first; a feed has its title in the second."""
    for _ in range(2):
        if len(element.children) != 1:
            return
        element = element.children[0]
        yield element


def _every(root: Element) -> Iterator[Element]:
    stack = [root]
    while stack:
        element = stack.pop()
        yield element
        stack.extend(element.children)


def _is_prose(root: Element) -> bool:
    """Whether text stands beside elements somewhere: then it is written to be read, not looked up."""
    mixed = leaves = 0
    for element in _every(root):
        mixed += element.has_text and bool(element.content[1:]) and bool(element.children)
        leaves += not element.children
    return mixed * 50 > leaves


def _prose(page: _tree.Page, root: Element) -> None:
    """Paragraph by paragraph; an element with a title of its own opens a section."""
    stack: list[tuple[Element, int]] = [(root, 0)]
    while stack:
        element, level = stack.pop()
        children = element.children
        if element.has_text or not children or level > DEEPEST:
            if said := text_of(element):
                page.paragraph(said)
            continue
        if name := _name(element):
            page.heading(name, level + 1)
            children = [child for child in children if child.tag.lower() not in _NAMES]
        stack.extend((child, level + bool(name)) for child in reversed(children))


def _value(element: Element, depth: int) -> Tree:
    children = element.children
    if not children or element.has_text or depth > DEEPEST:
        said, fields = text_of(element), _fields(element)
        if not said:
            return Pairs(fields) if fields else ""
        beside = "; ".join(f"{key}: {value}" for key, value in fields)
        return f"{said} ({beside})" if beside else said
    if len(children) > 1 and len({child.tag for child in children}) == 1 and not _fields(element):
        return [_value(child, depth + 1) for child in children]
    return Pairs((*_fields(element), *_members(children, depth)))


def _members(children: list[Element], depth: int) -> Iterator[tuple[str, Tree]]:
    """Elements by name; those that come several times are one list, where the first of them stands."""
    count = Counter(_label(child) for child in children)
    lists: dict[str, list[Tree]] = {}
    for child in children:
        label = _label(child)
        if count[label] == 1:
            yield label, _unlabelled(child, depth + 1)
        elif label in lists:
            lists[label].append(_value(child, depth + 1))
        else:
            lists[label] = [_value(child, depth + 1)]
            yield label, lists[label]


def _label(element: Element) -> str:
    """Its name, with that of its attributes which says which one it is, if it holds a value only."""
    said = next((element.attributes[name] for name in _LABELS if element.attributes.get(name)), "")
    return f"{element.tag} {said}" if said and not element.children else element.tag


def _unlabelled(element: Element, depth: int) -> Tree:
    if not element.children and len(_fields(element)) == 1 and _label(element) != element.tag:
        return text_of(element)
    return _value(element, depth)


def _fields(element: Element) -> tuple[tuple[str, Tree], ...]:
    return tuple((key, value) for key, value in element.attributes.items() if not key.startswith(_TECHNICAL))


def _name(element: Element) -> str:
    named = (child for child in element.children if child.tag.lower() in _NAMES)
    return next((said[:_MOST_HEADING] for child in named if (said := text_of(child))), "")
