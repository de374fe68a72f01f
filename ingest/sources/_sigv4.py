"""AWS Signature Version 4, for requests without a body (AWS, "Authenticating Requests")."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

_EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Key:
    """Who asks, and of which region and service."""

    access: str
    secret: str
    region: str
    service: str = "s3"

    def sign(self, method: str, url: str, headers: Mapping[str, str], now: datetime) -> dict[str, str]:
        """The headers to send with the request: those given, the date, the hash and the signature.

        `url` is encoded already, its query's names and values too. `now` is in UTC.
        """
        stamp = now.strftime("%Y%m%dT%H%M%SZ")
        held = {**headers, "x-amz-date": stamp}
        if self.service == "s3":
            held["x-amz-content-sha256"] = _EMPTY
        signed = {
            "host": urlsplit(url).netloc,
            **{name.lower(): " ".join(v.split()) for name, v in held.items()},
        }
        names = ";".join(sorted(signed))
        scope = f"{stamp[:8]}/{self.region}/{self.service}/aws4_request"
        request = _sha(_canonical(method, url, signed))
        text = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, request))
        signature = hmac.new(self._derived(stamp[:8]), text.encode(), hashlib.sha256).hexdigest()
        by = f"Credential={self.access}/{scope}, SignedHeaders={names}, Signature={signature}"
        return {**held, "authorization": f"AWS4-HMAC-SHA256 {by}"}

    def _derived(self, day: str) -> bytes:
        key = f"AWS4{self.secret}".encode()
        for part in (day, self.region, self.service, "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key


def encoded(text: str, safe: str = "") -> str:
    """As the signature wants it: everything but letters, digits and `-._~` escaped."""
    return quote(text, safe=safe + "-._~")


def query(values: Mapping[str, str]) -> str:
    """A query in the order of its names."""
    return "&".join(f"{encoded(name)}={encoded(value)}" for name, value in sorted(values.items()))


def _canonical(method: str, url: str, headers: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    listed = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    lines = [f"{name}:{headers[name]}" for name in sorted(headers)]
    names = ";".join(sorted(headers))
    return "\n".join((method, parts.path or "/", listed, *lines, "", names, _EMPTY))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
