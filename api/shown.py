"""Settings as they may be shown: no secret, and where each value came from."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from rag.settings import Key, Settings

MASK = "********"


def rows(settings: Settings) -> list[dict[str, Any]]:
    """One object a setting: `name`, `value` (masked), `shown` as text, `origin`, `description`."""
    return [
        {
            "name": name,
            "value": (value := masked(getattr(settings, name))),
            "shown": as_text(value),
            "origin": settings.origins.get(name, "default"),
            "description": field.description or "",
        }
        for name, field in Settings.model_fields.items()
    ]


def masked(value: object) -> Any:
    """A value as JSON without secrets: passwords in URLs are secrets too."""
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if isinstance(value, tuple):
        return [masked(one) for one in value]
    if isinstance(value, Key):
        groups = None if value.groups is None else sorted(value.groups)
        return {"name": value.name, "sha256": MASK, "tenant": value.tenant, "groups": groups}
    if value is None or isinstance(value, bool | int | float):
        return value
    return _without_password(str(value))


def as_text(value: Any) -> str:
    """The value for a person."""
    if isinstance(value, list):
        return ", ".join(one["name"] if isinstance(one, dict) else str(one) for one in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _without_password(text: str) -> str:
    try:
        parts = urlsplit(text)
        if not parts.password:
            return text
    except ValueError:  # no URL at all
        return text
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:{MASK}@{place}"))
