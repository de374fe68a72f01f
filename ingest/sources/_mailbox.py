"""Names of mail folders: Unicode in the modified UTF-7 of RFC 3501, 5.1.3."""

import base64
import re

_OTHER = re.compile(r"[^\x20-\x7e]+")


def encode(name: str) -> str:
    """The name as the server knows it."""
    return _OTHER.sub(_shifted, name.replace("&", "&-"))


def _shifted(run: re.Match[str]) -> str:
    packed = base64.b64encode(run[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
    return f"&{packed}-"
