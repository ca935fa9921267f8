"""One month of a canteen from the scans to the submission and beyond: what is counted where, and once."""

import io
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pypdfium2
import pytest
import sqlalchemy as sa
from flask import Flask
from python_calamine import CalamineWorkbook

from canteen import actions as canteen
from canteen.models import Meal, MealAdjustment
from core import audit, clock, jobs
from core.access import SYSTEM, Role
from core.accounts.actions import add_user
from core.accounts.sessions import user_actor
from core.db import db, new_id
from core.errors import RuleError
from core.reports import actions, codes, queries, readiness, snapshot
from core.reports.differences import differences
from core.reports.models import IssuedReport
from core.reports.values import ALL, Output, Period, rows_of
from tests.canteen import house as h
from tests.canteen.house import House
from tests.conftest import NOON, both_engines
from tests.core.reports import stand_ins
from tests.core.reports.conftest import Office, story

OCTOBER, NOVEMBER = Period.parse("2026-10"), Period.parse("2026-11")
LUNCH = datetime(2026, 10, 12, 3, 42, tzinfo=UTC)
TODAY = date(2026, 11, 24)


class Canteen(Office):
    """The office of the tests of reports, with the canteen's own report."""

    def open(self, period: Period | None = None) -> UUID:
        period = period or self.period
        return actions.open_draft("canteen", period, ALL, by=self.clerk, now=self.now).id

    def review(self, report_id: UUID, *, grant: bool = False) -> None:
        """What the checks found is explained first, as the clerk would."""
        seen = readiness.look(queries.report_of(report_id), self.now)
        for finding in seen.findings:
            assert not finding.stops, finding
            actions.explain(
                report_id, finding.code, readiness.rows_digest(finding), "已核实", by=self.clerk, now=self.now
            )  # fmt: skip
        super().review(report_id, grant=grant)

    def submit(self, report_id: UUID) -> None:
        actions.submit(
            report_id, receiver="区民政局", on=TODAY, note="", by=self.clerk, now=self.now
        )


@pytest.fixture
def house(in_app: Flask, noon: datetime) -> House:
    return h.build(noon)


@pytest.fixture
def office(house: House) -> Canteen:
    """Nothing here is a stand-in: papers are drawn and the workbook is written."""
    found = {
        name: user_actor(add_user(name, name, role, None, by=SYSTEM, now=NOON)[0])
        for name, role in (
            ("clerk", Role.CLERK), ("reviewer", Role.REVIEWER), ("admin", Role.ADMIN),
            ("second", Role.REVIEWER),
        )
    }  # fmt: skip
    return Canteen(**found, now=NOON, period=OCTOBER)


def eat(house: House, person_id: int, days: int) -> UUID:
    """A lunch so many days after the 12th of October; ¥8 of subsidy, ¥4 of her own."""
    at = LUNCH + timedelta(days=days)
    with clock.at(at):
        found = canteen.register_meal(h.scan(house, person_id, at), by=h.CLERK, now=at)
    return UUID(str(found.answer["event_id"]))


def void(event_id: UUID) -> None:
    canteen.void_meal(event_id, void_id=new_id(), reason="刷错卡", by=h.CLERK, now=NOON)


def text_of(content: bytes) -> str:
    """The words of a PDF, without blanks."""
    document = pypdfium2.PdfDocument(content)
    words = "".join(page.get_textpage().get_text_bounded() for page in document)
    return "".join(words.split())


def assert_papers_say_what_was_counted(report_id: UUID) -> None:
    issued = db.session.get_one(IssuedReport, report_id)
    files = {row.output: row for row in issued.files}
    texts = {output.value: text_of(files[output.value].content) for output in Output}
    for output, text in texts.items():
        assert files[output].pages == len(pypdfium2.PdfDocument(files[output].content))
        assert codes.grouped(issued.token) in text
        assert issued.digest[:8] in text
        # The subsidy of the month; of two people, so that the notice board must not tell it.
        assert ("48.00" in text) is (output != Output.PUBLIC)
    assert "王秀华" in texts["submission"] and "王秀华" in texts["archive"]
    assert "王秀华" not in texts["public"]
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(files["workbook"].content))
    cells = [
        cell
        for name in workbook.sheet_names
        for row in workbook.get_sheet_by_name(name).to_python()
        for cell in row
    ]
    assert 48.0 in cells


@both_engines
def test_each_correction_is_in_the_revision_or_in_a_later_month_and_nowhere_else(
    house: House, office: Canteen, engine_name: str
) -> None:
    one, two = (h.diner(house, "minimum_living") for _ in range(2))
    lunches = [eat(house, person_id, day) for person_id in (one, two) for day in range(3)]

    first = office.open()
    office.review(first)
    office.issue(first)
    issued = queries.as_issued(first)
    assert (issued.value("head.visits"), issued.value("head.people")) == (6, 2)
    assert (issued.value("head.subsidy"), issued.value("head.copay")) == (4800, 2400)

    assert_papers_say_what_was_counted(first)

    # A figure opens down to the scans that it was counted from, also after one of them is void.
    void(lunches[0])
    meals = queries.as_issued(first).datasets["meals"]
    rows = rows_of(issued.figures["head.visits"], meals)
    assert {row[meals.place("event_id")] for row in rows} == {str(each) for each in lunches}

    # Signed as it is, it can't be submitted: the void would be counted nowhere.
    office.sign(first)
    with pytest.raises(RuleError, match="report_outdated"):
        office.submit(first)

    second = actions.start_revision(first, reason="一餐作废", by=office.clerk, now=NOON).id
    office.review(second)
    office.issue(second)
    changed = {
        each.key: (each.old, each.new) for each in differences(issued, queries.as_issued(second))
    }
    assert changed["head.visits"] == (6, 5)
    assert changed["head.subsidy"] == (4800, 4000)
    assert "head.people" not in changed
    later = queries.superseded_by(queries.report_of(first))
    assert later is not None and later.revision == 2
    office.sign(second)
    office.submit(second)

    # From now on the month stands; what comes to light is booked in the next.
    void(lunches[1])
    with pytest.raises(RuleError, match="report_submitted"):
        actions.start_revision(second, reason="又一餐", by=office.clerk, now=NOON)
    [booked] = db.session.scalars(sa.select(MealAdjustment)).all()
    assert (booked.of_month, booked.booked_month, booked.subsidy_fen) == (
        "2026-10",
        "2026-11",
        -800,
    )
    assert db.session.scalar(sa.select(sa.func.sum(Meal.subsidy_fen))) == 4000

    november = queries.count(queries.report_of(office.open(NOVEMBER)), NOON)
    assert (november.value("head.adjusted"), november.value("head.due")) == (-800, -800)
    assert november.value("head.visits") == 0
    october = queries.count(queries.report_of(second), NOON)
    stored = db.session.get_one(IssuedReport, second)
    assert snapshot.digest(queries.as_issued(second)) == stored.digest
    assert october.value("head.subsidy") == 4000
    # Six lunches were eaten and two of them void: four times eight yuan, in one month or the other.
    assert october.value("head.due") + november.value("head.due") == 4 * 800

    # What was returned is handed in again as it is.
    office.give_back(second)
    office.submit(second)
    office.close(second)
    assert story(first)[-1] == "signed"
    assert story(second) == [
        "draft", "reviewed", "issued", "signed", "submitted", "returned", "submitted", "closed",
    ]  # fmt: skip
    audit.seal(NOON)
    assert audit.verify().fault is None


@both_engines
def test_a_quarter_and_a_single_canteen_live_the_same_life(
    house: House, office: Canteen, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    stand_ins.put_in(monkeypatch)
    person_id = h.diner(house, "minimum_living")
    for days in range(2):
        eat(house, person_id, days)
    at_one = actions.open_draft("canteen", OCTOBER, "one", by=office.clerk, now=NOON).id
    for step in ("review", "issue", "sign", "submit"):
        getattr(office, step)(at_one)
    assert queries.as_issued(at_one).value("head.visits") == 2
    third = Period.parse("2026-Q3")
    quarter = actions.open_draft("canteen", third, ALL, by=office.clerk, now=NOON).id
    for step in ("review", "issue", "sign", "submit", "close"):
        getattr(office, step)(quarter)
    assert queries.as_issued(quarter).value("head.visits") == 0
    assert jobs.work_off() == 0
