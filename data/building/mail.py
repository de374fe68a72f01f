"""Pages as mail: plain text with an HTML alternative."""

from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from html import escape

from building.page import Block, Page


def to_eml(page: Page) -> bytes:
    """A message as a mail program saves it, Chinese subjects and names encoded."""
    message = EmailMessage()
    for header in ("from", "to"):
        name, address = parseaddr(page.meta[header])
        message[header.title()] = Address(name, addr_spec=address)
    message["Subject"] = page.meta["subject"]
    message["Date"] = page.date.replace(tzinfo=UTC)
    message["Message-ID"] = f"<{page.date:%Y%m%d}.{page.meta['language']}@brindlemoor.example>"
    message.set_content(page.body)
    message.add_alternative("\n".join(map(_html, page.blocks)) + "\n", subtype="html")
    # Without this the email package draws a random one.
    message.set_boundary(f"=_part_{page.date:%Y%m%d}")
    return message.as_bytes()


def _html(block: Block) -> str:
    if block.kind == "bullets":
        return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in block.lines) + "</ul>"
    return f"<p>{escape(block.text)}</p>"
