"""Consents as dated rows

Until now a person had one moment that no page could enter; a consent is signed, kept by somebody,
and may be withdrawn.
"""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PERSON_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
person = sa.table("person", sa.column("id", PERSON_ID), sa.column("consent_at", sa.DateTime(timezone=True)))
consent = sa.table(
    "consent", sa.column("person_id", PERSON_ID), sa.column("id", sa.Uuid()), sa.column("signed_on", sa.Date()),
    sa.column("recorded_at", sa.DateTime(timezone=True)), sa.column("withdrawn_on", sa.Date()),
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("person_id", PERSON_ID, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawal_note", sa.Text(), nullable=True),
        sa.CheckConstraint("withdrawn_on >= signed_on", name=op.f("ck_consent_ends_after_start")),
        sa.CheckConstraint(
            "withdrawal_note IS NULL OR withdrawn_on IS NOT NULL",
            name=op.f("ck_consent_note_of_withdrawal"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_consent")),
    )
    op.create_index(
        "uq_consent_in_force", "consent", ["person_id"], unique=True,
        sqlite_where=sa.text("withdrawn_on IS NULL"), postgresql_where=sa.text("withdrawn_on IS NULL"),
    )  # fmt: skip
    connection = op.get_bind()
    known = connection.execute(sa.select(person).where(person.c.consent_at.is_not(None))).all()
    if known:
        op.bulk_insert(consent, [
            {"person_id": row.id, "id": uuid.uuid4(), "signed_on": row.consent_at.date(),
             "recorded_at": row.consent_at}
            for row in known
        ])  # fmt: skip
    # Not as a batch: that would make the table anew and lose its checks.
    op.drop_column("person", "consent_at")


def downgrade() -> None:
    op.add_column("person", sa.Column("consent_at", sa.DateTime(timezone=True), nullable=True))
    connection = op.get_bind()
    for row in connection.execute(sa.select(consent).where(consent.c.withdrawn_on.is_(None))).all():
        signed_at = datetime(row.signed_on.year, row.signed_on.month, row.signed_on.day, tzinfo=UTC)
        connection.execute(
            sa.update(person).where(person.c.id == row.person_id).values(consent_at=signed_at)
        )
    op.drop_index("uq_consent_in_force", table_name="consent")
    op.drop_table("consent")
