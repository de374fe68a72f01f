"""Schema migrations by Alembic, run from the package."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from rag.catalog.lock import hold


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to `revision`, in one transaction; two processes at once do it once."""
    config = Config()
    config.set_main_option("script_location", "rag.catalog:migrations")
    config.set_main_option("path_separator", "os")
    with hold(engine.url.database or "", "schema"), engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
