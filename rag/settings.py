"""Settings: one frozen object, built at the edge and handed down.

Order: flag > environment `KB_*` > `./kb.toml` > `$XDG_CONFIG_HOME/kb/kb.toml` > defaults that work
offline. `Settings.origins` says where each value came from, for `kb config`.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from rag.errors import ConfigError

TENANT = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"  # it names folders and partitions


def default_home() -> Path:
    """`$XDG_DATA_HOME/kb`, as the XDG base directory specification has it."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    return Path(base) / "kb"


class Key(BaseModel):
    """One API key: the SHA-256 of the secret (hex), whose it is, and what it may read.

    `groups` None may read every document; an empty list only documents open to all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    tenant: str = Field("default", pattern=TENANT)
    groups: frozenset[str] | None = frozenset()


class Settings(BaseSettings):
    """Everything that can be set. Each field is also `KB_<NAME>` and a key of `kb.toml`."""

    model_config = SettingsConfigDict(env_prefix="KB_", frozen=True, extra="ignore")

    home: Path = Field(default_factory=default_home, description="folder of catalog and index")
    tenant: str = Field("default", pattern=TENANT, description="tenant of the CLI")
    collection: str = Field(
        "default", pattern=r"^\w[\w.-]{0,63}$", description="collection that `kb ingest` fills"
    )
    store: str = Field("local", description="local, memory, or weaviate://host:8080")
    catalog: str = Field("", description="SQLAlchemy URL; empty is SQLite in the home folder")
    embedder: str = Field(
        "wordllama", description="wordllama, minilm, multilingual, fastembed:MODEL, openai:MODEL or hashing"
    )
    embedder_key: SecretStr = Field(SecretStr(""), description="key of an embedding service")
    reranker: str = Field("", description="onnx:FOLDER, cohere:MODEL or jina:MODEL; empty ranks without")
    reranker_key: SecretStr = Field(SecretStr(""), description="key of a reranking service")
    glossary: str = Field("", description="TSV files of your own terms in both languages; off: none at all")
    model: str = Field("", description="provider:name, such as openai:gpt-5.5; empty answers without")
    model_url: str = Field("", description="base URL of an OpenAI-compatible service")
    model_key: SecretStr = Field(SecretStr(""), description="key of the model service")
    workers: int = Field(2, ge=1, le=64, description="processes that parse and embed")
    keep_versions: int = Field(3, ge=1, description="versions of a document that are kept")
    chunk_size: int = Field(
        900, ge=100, le=8000, description="most characters of a chunk; of Chinese eight ninths of it"
    )
    max_file_mb: int = Field(64, ge=1, description="larger files are reported, not read")
    parse_seconds: int = Field(20, ge=1, description="time for parsing one file")
    parse_mb: int = Field(1536, ge=256, description="memory of a process that parses")
    hidden_text: Literal["drop", "quarantine"] = Field(
        "drop", description="text no reader sees: left out and counted, or the whole file put aside"
    )
    ocr: Literal["auto", "off"] = Field("auto", description="read scans and images where an OCR is installed")
    passwords: str = Field("", description="file with passwords of documents, one a line")
    private_hosts: str = Field(
        "", description="hosts (host or host:port, comma between) of sources that are not on the internet"
    )
    limit: int = Field(8, ge=1, le=50, description="passages put before the model")
    context_tokens: int = Field(3000, ge=200, description="tokens of passages in a prompt")
    answer_tokens: int = Field(800, ge=16, description="most tokens of a model's answer")
    deadline: float = Field(30.0, gt=0, description="seconds for a whole answer")
    first_text: float = Field(5.0, gt=0, description="seconds until a model's first useful text")
    max_question: int = Field(4000, ge=1, description="most characters of a question")
    max_history: int = Field(40, ge=0, description="most earlier turns that are read")
    max_body: int = Field(1_000_000, ge=1000, description="most bytes of a request body")
    record: bool = Field(True, description="keep answers for `kb explain` and proof of deletion")
    host: str = Field("127.0.0.1", description="address that `kb serve` binds")
    port: int = Field(8080, ge=0, le=65535, description="port that `kb serve` binds; 0 picks one")
    keys: Annotated[tuple[Key, ...], NoDecode] = Field(
        (), description="API keys; in the environment a JSON list"
    )
    weaviate_key: SecretStr = Field(SecretStr(""), description="API key of Weaviate")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="debug, info, warning or error"
    )

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)
    _overrides: ClassVar[Mapping[str, object]] = {}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` passes in: it has read the sources itself, to know each origin."""
        return (init_settings,)

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        if not str(home).strip() or home == Path():
            raise ValueError("must name a folder")
        return home.expanduser()

    @property
    def origins(self) -> Mapping[str, str]:
        """Setting to where its value came from: `flag`, `KB_X`, a file's path or `default`."""
        return self._origins


def load(**flags: object) -> Settings:
    """Settings from all sources. `ConfigError` names the setting and its source when one is wrong."""
    values: dict[str, object] = {}
    origins = dict.fromkeys(Settings.model_fields, "default")
    for origin, found in _sources(flags):
        for name, value in found.items():
            if name not in Settings.model_fields:
                raise ConfigError(f"{origin}: no setting named {name!r}", hint="kb config lists all")
            values[name] = value
            origins[name] = origin if "/" in origin or origin == "flag" else f"KB_{name.upper()}"
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_explain(error, origins), hint="kb config lists all settings") from error
    settings._origins.update(origins)
    return settings


def _sources(flags: Mapping[str, object]) -> list[tuple[str, dict[str, Any]]]:
    """Weakest first."""
    config_home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    files = [config_home / "kb/kb.toml", Path("kb.toml").absolute()]
    found = [(str(path), _read(path)) for path in files if path.is_file()]
    found.append(("environment", _environment()))
    found.append(("flag", {name: value for name, value in flags.items() if value is not None}))
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path}: {error}", hint="mend or remove the file") from error


def _environment() -> dict[str, Any]:
    import json

    found: dict[str, Any] = {}
    for name in Settings.model_fields:
        raw = os.environ.get(f"KB_{name.upper()}")
        if raw is None:
            continue
        try:
            found[name] = json.loads(raw) if name == "keys" else raw
        except ValueError as error:
            raise ConfigError(
                f"KB_{name.upper()} is not JSON: {error}", hint="see docs/settings.md"
            ) from error
    return found


def _explain(error: ValidationError, origins: Mapping[str, str]) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0])
    said = first["msg"].removeprefix("Value error, ")
    return f"setting {name} (from {origins.get(name, 'flag')}): {said}"
