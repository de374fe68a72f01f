"""The tables. Column meanings and life cycles: `docs/data-model.md`."""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()
# SQLite counts only INTEGER PRIMARY KEY as the row's own number.
_Number = BigInteger().with_variant(Integer, "sqlite")

partitions = Table(
    "partitions",
    metadata,
    Column("tenant", String, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("store", String, nullable=False),
    Column("embedder", String, nullable=False),
    Column("rights", Integer, nullable=False),
    Column("sketch", LargeBinary, nullable=False),
)

collections = Table(
    "collections",
    metadata,
    Column("tenant", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("number", Integer, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("tenant", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("collection", String, nullable=False),
    Column("place", String, nullable=False),
    Column("source", String, nullable=False),
    Column("status", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("current", String, nullable=True),
    Column("groups", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime", BigInteger, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("parser", String, nullable=False),
    Column("updated", Float, nullable=False),
    Column("stale", Integer, nullable=False),
    # The name of the source it came from; empty: `kb ingest` of a folder or file.
    Column("origin", String, nullable=False, server_default=""),
    # What the source says of the bytes: an ETag, a blob's hash, a flag. Empty for files of a folder.
    Column("etag", String, nullable=False, server_default=""),
    Column("owner", String, nullable=False, server_default=""),
    Column("valid_from", Float, nullable=True),
    Column("valid_until", Float, nullable=True),
    Column("priority", Integer, nullable=False, server_default="0"),
    UniqueConstraint("tenant", "collection", "place"),
    Index("documents_by_hash", "tenant", "content_hash"),
)

versions = Table(
    "versions",
    metadata,
    Column("tenant", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("document", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("source", String, nullable=False),
    Column("language", String, nullable=False),
    Column("pages", Text, nullable=False),
    Column("report", Text, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("parser", String, nullable=False),
    Column("created", Float, nullable=False),
    Column("characters", Integer, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("layout", LargeBinary, nullable=True),
    Index("versions_by_document", "tenant", "document", "number"),
    Index("versions_by_state", "tenant", "state"),
)

chunks = Table(
    "chunks",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("tenant", String, nullable=False),
    Column("version", String, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("page", Integer, nullable=True),
    Column("heading", Text, nullable=False),
    Column("text_hash", LargeBinary, nullable=False),
    Column("features", LargeBinary, nullable=False),
    Index("chunks_by_version", "tenant", "version", "ordinal"),
    Index("chunks_by_text", "tenant", "text_hash"),
    sqlite_autoincrement=True,
)

vectors = Table(
    "vectors",
    metadata,
    # A row number first: a table keyed by random hashes is four times slower to fill.
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("tenant", String, nullable=False),
    Column("embedder", String, nullable=False),
    Column("text_hash", LargeBinary, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    UniqueConstraint("tenant", "embedder", "text_hash"),
    sqlite_autoincrement=True,
)

answers = Table(
    "answers",
    metadata,
    Column("tenant", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("conversation", String, nullable=False),
    Column("asked", Float, nullable=False),
    Column("question", Text, nullable=False),
    Column("status", String, nullable=False),
    Column("body", Text, nullable=False),
    Index("answers_by_conversation", "tenant", "conversation", "asked"),
)

answer_sources = Table(
    "answer_sources",
    metadata,
    Column("tenant", String, primary_key=True),
    Column("answer", String, primary_key=True),
    Column("version", String, primary_key=True),
    Column("document", String, nullable=False),
    Index("answer_sources_by_document", "tenant", "document"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("tenant", String, primary_key=True),
    Column("document", String, primary_key=True),
    Column("erased", Float, nullable=False),
    Column("body", Text, nullable=False),
)

# Where documents come from beside folders that are named on the command line.
sources = Table(
    "sources",
    metadata,
    Column("tenant", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("url", Text, nullable=False),
    Column("collection", String, nullable=False),
    Column("options", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("synced", Float, nullable=True),
    Column("report", Text, nullable=False),
)

# Signed proofs of deletion. `probes` are keyed hashes of what was deleted, for looking again.
erasures = Table(
    "erasures",
    metadata,
    Column("tenant", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("erased", Float, nullable=False),
    Column("body", Text, nullable=False),
    Column("probes", LargeBinary, nullable=False),
)
