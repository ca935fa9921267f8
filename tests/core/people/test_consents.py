"""The signed consent: entered, corrected, withdrawn, signed again; and who has signed none."""

from datetime import UTC, date, datetime, timedelta

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask

from core import clock
from core.access import SYSTEM, Role
from core.audit import AuditEntry, values_of
from core.db import Moment, db, transaction
from core.errors import RuleError
from core.people.actions import (
    add_person,
    change_standing,
    merge_person,
    record_consent,
    withdraw_consent,
)
from core.people.models import Consent, StandingKind
from core.people.values import Details
from tests.conftest import NOON, SignIn, both_engines, csrf_of

TODAY = clock.service_day(NOON)
SIGNED = date(2026, 11, 3)


def add(name: str = "王秀华") -> int:
    return add_person(Details(name, no_id_reason="遗失"), by=SYSTEM, now=NOON).id


def sign(
    person_id: int, clerk, signed_on: date = SIGNED, note: str | None = "社区档案柜"
) -> Consent:
    return record_consent(person_id, signed_on=signed_on, note=note, by=clerk, now=NOON)


@both_engines
def test_a_consent_is_signed_corrected_withdrawn_and_signed_again(in_app, clerk):
    person_id = add()
    sign(person_id, clerk)
    sign(person_id, clerk, date(2026, 11, 4), "王大保管")
    sign(person_id, clerk, date(2026, 11, 4), "王大保管")  # nothing new, nothing logged
    withdraw_consent(person_id, on=TODAY, note="女儿来电", by=clerk, now=NOON)
    sign(person_id, clerk, TODAY, None)
    rows = db.session.scalars(sa.select(Consent).order_by(Consent.signed_on)).all()
    assert [(r.signed_on, r.note, r.withdrawn_on, r.withdrawal_note) for r in rows] == [
        (date(2026, 11, 4), "王大保管", TODAY, "女儿来电"), (TODAY, None, None, None),
    ]  # fmt: skip
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action.startswith("person.consent"))
    ).all()
    assert sorted(entry.action for entry in entries) == [
        "person.consent_corrected", "person.consent_signed", "person.consent_signed",
        "person.consent_withdrawn",
    ]  # fmt: skip
    [corrected] = [e for e in entries if e.action == "person.consent_corrected"]
    values = values_of([corrected])[corrected.id]
    assert (values["before"]["note"], values["after"]["note"]) == ("社区档案柜", "王大保管")


@both_engines
def test_the_database_lets_one_consent_be_in_force_and_none_end_before_it_began(in_app, clerk):
    person_id = add()
    for signed_on, withdrawn_on, note in (
        (SIGNED, None, None), (SIGNED, SIGNED - timedelta(days=1), None), (SIGNED, None, "忘了日期"),
    ):  # fmt: skip
        row = Consent(person_id=person_id, signed_on=signed_on, withdrawn_on=withdrawn_on,
                      withdrawal_note=note, recorded_at=NOON)  # fmt: skip
        if signed_on == SIGNED and withdrawn_on is None and note is None:
            sign(person_id, clerk)
        with pytest.raises(sa.exc.IntegrityError), transaction() as session:
            session.add(row)


@both_engines
def test_days_that_cannot_be_are_refused(in_app, clerk):
    person_id = add()
    with pytest.raises(RuleError, match="consent_none"):
        withdraw_consent(person_id, on=TODAY, note=None, by=clerk, now=NOON)
    with pytest.raises(RuleError, match="consent_in_future"):
        sign(person_id, clerk, TODAY + timedelta(days=1))
    sign(person_id, clerk)
    for on, code in (
        (SIGNED - timedelta(days=1), "withdrawn_before_signed"),
        (TODAY + timedelta(days=1), "consent_in_future"),
    ):
        with pytest.raises(RuleError, match=code):
            withdraw_consent(person_id, on=on, note=None, by=clerk, now=NOON)


@both_engines
def test_notes_about_a_consent_are_encrypted(in_app, clerk):
    person_id = add()
    sign(person_id, clerk, note="女儿王小华保管")
    withdraw_consent(person_id, on=TODAY, note="女儿王小华来电", by=clerk, now=NOON)
    for table in ("consent", "audit_entry", "audit_values"):
        rows = db.session.execute(sa.text(f"SELECT * FROM {table}")).all()
        assert "王小华" not in str(rows)


@both_engines
def test_merging_takes_a_consent_along_where_the_other_record_has_none(in_app, clerk):
    old, new, third = add(), add(), add()
    sign(old, clerk, note="第一份")
    merge_person(old, new, reason="登记两次", by=clerk, now=NOON)
    sign(third, clerk, note="第二份")
    merge_person(third, new, reason="登记两次", by=clerk, now=NOON)
    rows = db.session.execute(sa.select(Consent.person_id, Consent.note)).all()
    assert {tuple(row) for row in rows} == {(new, "第一份"), (third, "第二份")}


@both_engines
def test_a_moment_noted_by_the_older_schema_becomes_a_consent_and_goes_back(in_app, clerk):
    person_id, other = add(), add("赵玉兰")
    sign(other, clerk)
    withdraw_consent(other, on=TODAY, note=None, by=clerk, now=NOON)
    db.session.remove()
    flask_migrate.downgrade(revision="0001")
    person = sa.table("person", sa.column("id"), sa.column("consent_at", Moment))
    with db.engine.begin() as connection:
        columns = {column["name"] for column in sa.inspect(connection).get_columns("person")}
        assert "consent_at" in columns and not sa.inspect(connection).has_table("consent")
        signed_at = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
        hers = sa.update(person).where(person.c.id == person_id)
        connection.execute(hers.values(consent_at=signed_at))
    flask_migrate.upgrade()
    with in_app.app_context():
        rows = db.session.execute(sa.select(Consent.person_id, Consent.signed_on)).all()
        assert [tuple(row) for row in rows] == [(person_id, SIGNED)]
    flask_migrate.downgrade(revision="0001")
    with db.engine.connect() as connection:
        kept = connection.execute(sa.select(person.c.consent_at).order_by(person.c.id))
        assert [moment and moment.date() for moment in kept.scalars()] == [SIGNED, None]


# ---- pages


def post(client, url: str, **data: str):
    return client.post(url, data={"csrf_token": csrf_of(client), **data})


@both_engines
def test_a_consent_is_entered_and_withdrawn_on_the_page(app: Flask, noon, sign_in: SignIn) -> None:
    with app.app_context():
        person_id = add()
    client, page = sign_in(Role.CLERK), f"/people/{person_id}"
    assert f"{page}/consent/withdrawal" not in client.get(page).text
    form = client.get(f"{page}/consent").text
    assert 'value="2026-11-24"' in form
    assert post(client, f"{page}/consent", signed_on="2026-11-25").status_code == 422
    assert post(client, f"{page}/consent", signed_on="").status_code == 422
    answer = post(client, f"{page}/consent", signed_on="2026.11.03", note="社区档案柜")
    assert answer.location == page
    assert "社区档案柜" in client.get(page).text
    assert 'value="社区档案柜"' in client.get(f"{page}/consent").text
    answer = post(client, f"{page}/consent/withdrawal", on="2026-11-02")
    assert answer.status_code == 422 and "2026-11-03" in answer.text
    answer = post(client, f"{page}/consent/withdrawal", on="2026-11-24", note="女儿来电")
    assert answer.location == page
    shown = client.get(page).text
    assert "女儿来电" in shown and f"{page}/consent/withdrawal" not in shown


def test_an_auditor_reads_that_she_signed_and_not_who_keeps_the_paper(
    app: Flask, noon, sign_in: SignIn
) -> None:
    with app.app_context():
        person_id = add()
        sign(person_id, SYSTEM, note="女儿王小华保管")
    auditor = sign_in(Role.AUDITOR)
    page = auditor.get(f"/people/{person_id}").text
    assert "2026年11月3日" in page and "王小华" not in page
    assert post(auditor, f"/people/{person_id}/consent", signed_on="2026-11-03").status_code == 403


def test_the_registry_counts_who_has_not_signed(app: Flask, noon, sign_in: SignIn) -> None:
    with app.app_context():
        signed, withdrawn, never, dead = (add(name) for name in ("甲一", "乙二", "丙三", "丁四"))
        for person_id in (signed, withdrawn):
            sign(person_id, SYSTEM)
        withdraw_consent(withdrawn, on=TODAY, note=None, by=SYSTEM, now=NOON)
        change_standing(dead, StandingKind.DECEASED, by=SYSTEM, now=NOON)
        assert never
    page = sign_in(Role.CLERK).get("/people?without=consent").text
    assert "乙二" in page and "丙三" in page and "甲一" not in page and "丁四" not in page
