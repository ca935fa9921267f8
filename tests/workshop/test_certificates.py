"""Certificates: numbered without gaps, revoked with a reason, issued anew; and those of other bodies."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from core.access import Role
from core.db import db, transaction
from core.errors import RuleError
from tests.canteen.crowd import together
from tests.conftest import both_engines
from tests.workshop import house as h
from tests.workshop.house import House
from workshop import certificate_codes as codes
from workshop.actions import certificates
from workshop.actions import enrolments as places
from workshop.actions.certificates import Shown
from workshop.models import Certificate, CertificateNumber, Course, ExternalCertificate
from workshop.values import EnrolmentState, SkillLevel

E = EnrolmentState
TODAY = date(2026, 11, 24)


def who(house: House) -> dict:
    return {"by": house.actor(Role.CLERK), "now": house.now}


def dated(house: House, on: date = TODAY) -> dict:
    return {"on": on, **who(house)}


def completed(house: House, count: int = 1, **more) -> tuple[int, list[int]]:
    cohort_id = h.cohort(house, **more)
    return cohort_id, h.enrolled(house, cohort_id, count, state=E.COMPLETED)


@both_engines
def test_a_batch_is_numbered_in_the_order_of_the_sheet(workshop: House) -> None:
    cohort_id, people = completed(workshop, 3)
    [training] = h.enrolled(workshop, cohort_id)
    found = certificates.issue_many([training, *people[::-1]], cohort_id, **dated(workshop))
    assert [(row.person_id, row.number) for row in found.done] == [
        (person_id, f"ZH2026-000{n}") for n, person_id in enumerate(people, 1)
    ]
    assert [error.code for _, error in found.refused] == ["certificate_not_completed"]
    row = found.done[0]
    assert (row.name, row.course, row.cohort, row.class_hours, row.from_on, row.until_on) == (
        "学员001", "缝纫初级", "缝纫初级第 1 期", 40, date(2026, 11, 2), date(2026, 11, 13),
    )  # fmt: skip


@both_engines
def test_two_offices_at_once_get_numbers_without_a_gap_or_a_double(
    in_app: Flask, workshop: House
) -> None:
    cohorts = [completed(workshop, 5, number=n, starts_min=60 * n) for n in range(1, 5)]
    values = dated(workshop)

    def issue(cohort_id: int, people: list[int]) -> int:
        return len(certificates.issue_many(people, cohort_id, **values).done)

    assert together(in_app, [lambda c=c, p=p: issue(c, p) for c, p in cohorts]) == [5] * 4  # type: ignore[misc]
    numbers = db.session.scalars(sa.select(CertificateNumber.serial)).all()
    assert sorted(numbers) == list(range(1, 21))
    assert set(db.session.scalars(sa.select(Certificate.number))) == {
        f"ZH2026-{n:04d}" for n in range(1, 21)
    }


@both_engines
def test_one_certificate_asked_for_by_four_at_once_is_one(in_app: Flask, workshop: House) -> None:
    cohort_id, [person_id] = completed(workshop)
    values = dated(workshop)
    found = together(in_app, [
        lambda: certificates.issue(person_id, cohort_id, **values).number for _ in range(4)
    ])  # fmt: skip
    assert sorted(map(str, found)) == ["ZH2026-0001"] + ["certificate_stands"] * 3


def test_a_number_that_was_not_committed_is_given_again(workshop: House) -> None:
    cohort_id, people = completed(workshop, 2)

    class Stopped(Exception):
        pass

    with pytest.raises(Stopped), transaction():
        certificates.issue(people[0], cohort_id, **dated(workshop))
        raise Stopped
    assert certificates.issue(people[1], cohort_id, **dated(workshop)).number == "ZH2026-0001"


def test_serials_begin_anew_each_year(workshop: House) -> None:
    cohort_id, people = completed(workshop, 3, first=date(2025, 12, 1))
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2))
    numbers = [
        certificates.issue(person_id, cohort_id, **dated(workshop, on)).number
        for person_id, on in zip(people, days, strict=True)
    ]
    assert numbers == ["ZH2025-0001", "ZH2026-0001", "ZH2026-0002"]


@both_engines
def test_a_certificate_is_not_older_than_its_class(workshop: House) -> None:
    cohort_id, [person_id] = completed(workshop)
    found = certificates.issue_many([person_id], cohort_id, **dated(workshop, date(2025, 11, 24)))
    assert [error.code for _, error in found.refused] == ["certificate_before_class"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CertificateNumber)) == 0
    assert (
        certificates.issue(person_id, cohort_id, **dated(workshop, h.FIRST)).number == "ZH2026-0001"
    )


@both_engines
def test_a_revoked_certificate_stays_and_a_new_one_gets_a_new_number(workshop: House) -> None:
    cohort_id, [person_id] = completed(workshop)
    first = certificates.issue(person_id, cohort_id, **dated(workshop))
    with pytest.raises(RuleError, match="certificate_stands"):
        certificates.issue(person_id, cohort_id, **dated(workshop))
    with pytest.raises(RuleError, match="reason_needed"):
        certificates.revoke(person_id, first.id, reason=" ", **who(workshop))
    certificates.revoke(person_id, first.id, reason="姓名写错", **who(workshop))
    with pytest.raises(RuleError, match="certificate_revoked"):
        certificates.revoke(person_id, first.id, reason="再次", **who(workshop))
    second = certificates.issue(person_id, cohort_id, **dated(workshop))
    assert (first.number, second.number) == ("ZH2026-0001", "ZH2026-0002")
    assert first.revoke_reason == "姓名写错"


def test_what_was_issued_says_for_ever_what_it_said(workshop: House) -> None:
    cohort_id, [person_id] = completed(workshop)
    row = certificates.issue(person_id, cohort_id, **dated(workshop))
    with transaction() as session:
        session.get_one(Course, workshop.course_id).name = "服装制作"
    db.session.refresh(row)
    assert row.course == "缝纫初级"


def test_completion_is_taken_back_only_once_the_certificate_is_revoked(workshop: House) -> None:
    cohort_id, [person_id] = completed(workshop)
    row = certificates.issue(person_id, cohort_id, **dated(workshop))
    with pytest.raises(RuleError, match="enrolment_has_certificate"):
        places.move(person_id, cohort_id, E.TRAINING, reason="误判", **dated(workshop))
    certificates.revoke(person_id, row.id, reason="误判", **who(workshop))
    places.move(person_id, cohort_id, E.TRAINING, reason="误判", **dated(workshop))
    with pytest.raises(RuleError, match="certificate_not_completed"):
        certificates.issue(person_id, cohort_id, **dated(workshop))


@pytest.mark.parametrize(
    "form", ["ZH{serial}", "ZH{year}", "{what}", "{", "渚" * 40 + "{year}{serial}"]
)
def test_a_form_that_gives_no_numbers_is_refused_before_anything_is_written(
    in_app: Flask, workshop: House, form: str
) -> None:
    cohort_id, [person_id] = completed(workshop)
    in_app.config["CERTIFICATE_NUMBER"] = form
    with pytest.raises(RuleError, match="certificate_number_format"):
        certificates.issue(person_id, cohort_id, **dated(workshop))
    assert db.session.scalars(sa.select(CertificateNumber)).all() == []


def test_the_code_is_read_however_it_is_typed_and_cannot_be_made_up(workshop: House) -> None:
    token = codes.token_of(2026, 1, "ZH2026-0001")
    code = codes.read(token)
    assert code is not None
    assert (code.year, code.serial) == (2026, 1)
    typed = codes.grouped(token).lower().replace("-", " - ")
    full_width = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in token)
    assert codes.read(typed) == code == codes.read(full_width)
    assert codes.is_genuine(code, "ZH2026-0001")
    assert not codes.is_genuine(code, "ZH2026-0002")
    for wrong in (
        "",
        "2026",
        token[:-1],
        "X" + token[1:],
        "20260001" + "0" * 8,
        "²0260001ACDE3467",
    ):
        found = codes.read(wrong)
        assert found is None or not codes.is_genuine(found, "ZH2026-0001")


@both_engines
def test_certificates_of_others_are_recorded_once_and_removed_with_a_reason(
    workshop: House,
) -> None:
    person_id = h.learner(workshop)
    shown = Shown("职业技能等级证书(缝纫工)", "Y00123", "省人社厅", date(2026, 5, 1), workshop.skill_id,
                  SkillLevel.MIDDLE)  # fmt: skip
    row = certificates.record_external(person_id, shown, **who(workshop))
    with pytest.raises(RuleError, match="certificate_recorded_before"):
        certificates.record_external(person_id, shown, **who(workshop))
    certificates.remove_external(person_id, row.id, reason="录错人", **who(workshop))
    with pytest.raises(RuleError, match="certificate_not_there"):
        certificates.remove_external(person_id, row.id, reason="再次", **who(workshop))
    certificates.record_external(person_id, shown, **who(workshop))
    rows = db.session.scalars(sa.select(ExternalCertificate)).all()
    assert sorted(row.remove_reason or "" for row in rows) == ["", "录错人"]
    tomorrow = Shown("证书", "1", "某单位", TODAY + timedelta(days=1))
    with pytest.raises(RuleError, match="enrolment_in_future"):
        certificates.record_external(person_id, tomorrow, **who(workshop))
    with pytest.raises(RuleError, match="certificate_incomplete"):
        certificates.record_external(
            person_id, Shown("证书", " ", "某单位", TODAY), **who(workshop)
        )
