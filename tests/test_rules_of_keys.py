"""Tables of both programmes can be distributed: keys, unique constraints, foreign keys, from the metadata."""

import sqlalchemy as sa
from flask import Flask

from core.db import db

# Distribution column of each table that would not fit one machine; all others are reference tables.
DISTRIBUTED = {
    "person": "id", "diner": "person_id", "eligibility": "person_id", "diet_need": "person_id",
    "suspension": "person_id", "pause": "person_id", "meal": "person_id", "meal_event": "id",
    "other_sale": "id", "canteen_exception": "event_id", "card": "person_id", "card_code": "code_hash",
    **dict.fromkeys((
        "learner", "hardship_tag", "needs_assessment", "wanted_skill", "learner_skill", "enrolment",
        "enrolment_move", "assessment", "attendance", "attendance_mark", "check_in", "certificate",
        "external_certificate", "venture", "venture_move", "guidance_meeting", "loan_application",
        "placement", "placement_move", "follow_up", "follow_up_attempt",
    ), "person_id"),
}  # fmt: skip
PROGRAMMES = ("canteen.", "workshop.")


def tables() -> list[sa.Table]:
    """Those that the programmes define."""
    return [
        table for mapper in db.Model.registry.mappers
        if mapper.class_.__module__.startswith(PROGRAMMES)
        for table in mapper.tables
    ]  # fmt: skip


def test_every_table_of_a_person_is_distributed(in_app: Flask) -> None:
    first = {
        table.name
        for table in tables()
        if next(iter(table.primary_key.columns)).name == "person_id"
    }
    assert first <= DISTRIBUTED.keys()


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
        for constraint in table.foreign_key_constraints:
            target = DISTRIBUTED.get(constraint.referred_table.name)
            if target is None:
                continue
            # Only between tables that lie together: from her row to her row.
            pairs = {(key.parent.name, key.column.name) for key in constraint.elements}
            assert (DISTRIBUTED.get(table.name), target) in pairs, (table.name, pairs)
