"""The canteen's tables can be distributed: keys, unique constraints and foreign keys, from the metadata."""

import sqlalchemy as sa
from flask import Flask

from core.db import db

# Distribution column of each table that would not fit one machine; all others are reference tables.
DISTRIBUTED = {
    "person": "id", "diner": "person_id", "eligibility": "person_id", "diet_need": "person_id",
    "suspension": "person_id", "pause": "person_id", "meal": "person_id", "meal_event": "id",
    "other_sale": "id", "canteen_exception": "event_id", "card": "person_id", "card_code": "code_hash",
}  # fmt: skip
CANTEEN = {
    "diner", "eligibility", "diet_need", "suspension", "pause", "meal", "meal_event", "other_sale",
    "canteen_exception", "meal_category", "sitting_window", "tariff", "tariff_condition",
    "tariff_layer", "tariff_limit",
}  # fmt: skip


def tables() -> list[sa.Table]:
    return [table for table in db.metadata.sorted_tables if table.name in CANTEEN]


def test_key_and_every_unique_constraint_contain_the_distribution_column(in_app: Flask) -> None:
    for table in tables():
        column = DISTRIBUTED.get(table.name)
        if column is None:
            continue
        assert next(iter(table.primary_key.columns)).name == column, table.name
        unique = [each for each in table.constraints if isinstance(each, sa.UniqueConstraint)]
        for constraint in unique:
            assert column in {each.name for each in constraint.columns}, (table.name, constraint)
        for index in table.indexes:
            assert not index.unique or column in {each.name for each in index.columns}, index.name


def test_no_reference_table_points_at_a_distributed_one(in_app: Flask) -> None:
    for table in tables():
        for key in table.foreign_keys:
            target = DISTRIBUTED.get(key.column.table.name)
            if target is None:
                continue
            # Only between tables that lie together: from her row to her row.
            own = DISTRIBUTED.get(table.name)
            assert own == key.parent.name, (table.name, key.parent.name)
            assert key.column.name == target, (table.name, key.parent.name)
