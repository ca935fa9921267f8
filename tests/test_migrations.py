"""Migrations run on both engines, and say exactly what the models say."""

import flask_migrate
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from core.db import db
from tests.conftest import both_engines


@both_engines
def test_migrated_schema_is_the_schema_of_the_models(in_app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


@both_engines
def test_migrations_run_back_to_nothing_and_forward_again(in_app: Flask) -> None:
    flask_migrate.downgrade(revision="base")
    assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version"}
    flask_migrate.upgrade()
    assert "person" in sa.inspect(db.engine).get_table_names()
