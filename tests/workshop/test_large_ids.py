"""A number that is larger than any id is somebody who is not there, on both engines, wherever it is sent."""

import pytest

from core.access import Role
from core.forms import LARGEST_ID, posted_id
from tests.canteen.pages import Visit
from tests.conftest import both_engines
from tests.workshop import house as h
from tests.workshop.house import House

HUGE = "9" * 30


def test_an_id_is_plain_digits_and_never_larger_than_a_database_holds() -> None:
    assert [posted_id(text) for text in ("0", "17", "0000000017")] == [0, 17, 17]
    assert [posted_id(text) for text in (str(2**31), HUGE, "9" * 9999)] == [LARGEST_ID] * 3
    for text in ("", "-1", "١٢", "²", "1.5", " 1"):
        with pytest.raises(ValueError):
            posted_id(text)


@both_engines
@pytest.mark.parametrize("number", [HUGE, "99999999999"])
def test_a_number_larger_than_any_id_never_breaks_a_page(
    workshop: House, visit: Visit, number: str
) -> None:
    cohort_id = h.cohort(workshop)
    [person_id] = h.enrolled(workshop, cohort_id)
    meeting, clerk = h.sessions_of(cohort_id)[0], visit(Role.CLERK)
    for address in (
        f"learners/{number}", f"cohorts/{number}", f"sessions/{number}", f"vacancies/{number}",
        f"cohorts/{cohort_id}/enrolments/{number}", f"placements/{number}/{'0' * 32}",
    ):  # fmt: skip
        assert clerk.get(f"/workshop/{address}").status_code == 404, address
    assert clerk.get(f"/canteen/diners/{number}").status_code == 404
    assert clerk.get(f"/people/{number}").status_code == 404
    for address in (
        f"learners?person={number}", f"learners/new?person={number}", f"placements?person={number}",
        f"cohorts/{cohort_id}/enrolments?person={number}", f"at-risk?cohort={number}",
        f"cohorts/{cohort_id}/enrolments/new?person={number}", f"certificates?person={number}",
    ):  # fmt: skip
        # 302: what has the length of a card's or an ID's number is taken out of an address first.
        assert clerk.get(f"/workshop/{address}").status_code in (200, 302), address
    listed = clerk.get("/workshop/learners?person=99999999999")
    assert listed.status_code == 200 and f"/learners/{person_id}" not in listed.text
    assert visit(Role.ADMIN).get("/office/audit?person=99999999999").status_code == 200
    for address, values in (
        (f"cohorts/{cohort_id}/admissions", {"person": number}),
        (f"cohorts/{cohort_id}/starts", {"person": number, "on": "2026-11-24"}),
        (f"cohorts/{cohort_id}/completion", {"person": number, "on": "2026-11-24",
                                             f"to-{number}": "completed"}),
        (f"cohorts/{cohort_id}/certificates", {"person": number, "on": "2026-11-24"}),
        (f"cohorts/{cohort_id}/assessments", {f"mark-{number}": "80", "on": "2026-11-24"}),
        (f"sessions/{meeting}/check-ins", {"confirm": number}),
        (f"sessions/{meeting}/check-ins", {"refuse": number}),
        (f"sessions/{meeting}/check-ins", {"confirm": "abc"}),
        (f"sessions/{meeting}/calls", {"person": number}),
        (f"sessions/{meeting}/attendance", {f"n-{number}": "0", f"s-{number}": "present"}),
    ):  # fmt: skip
        answer = clerk.post(f"/workshop/{address}", **values)
        assert answer.status_code < 500, (address, answer.status_code)
        assert answer.status_code != 405, address
    assert clerk.get(f"/workshop/learners/{person_id}").status_code == 200
