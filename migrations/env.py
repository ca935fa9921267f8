"""Alembic's way in: runs against the engine and the metadata of the current app."""

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app

from core.db import Moment, db
from core.privacy import Encrypted, EncryptedBytes

# In migrations a column is what the database sees: the code's own types may change or go.
PLAIN = {
    Moment: "sa.DateTime(timezone=True)",
    Encrypted: "sa.Text()",
    EncryptedBytes: "sa.LargeBinary()",
}


def render_item(kind: str, item: Any, autogenerate: Any) -> str | bool:
    """How autogenerate writes the column types of this project."""
    if kind == "type" and isinstance(item, sa.JSON):
        autogenerate.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return PLAIN.get(type(item), False) if kind == "type" else False


def run() -> None:
    """One transaction for all steps: a killed migration leaves the old schema."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # Batch migrations drop and rename tables that others refer to.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(727070)"))
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            render_as_batch=True,
            compare_type=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run()
