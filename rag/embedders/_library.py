"""Libraries that only an extra installs."""

import importlib
from typing import Any

from rag.errors import ConfigError


def library(module: str, *, extra: str) -> Any:
    """The module, imported now; `ConfigError` names the extra when it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConfigError(f"{module} is not installed", hint=f'pip install "kb[{extra}]"') from error
