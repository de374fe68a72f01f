"""Alembic's folder: one file a schema revision."""
