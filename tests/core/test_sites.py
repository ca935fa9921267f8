"""Sites, areas and the calendar: verbs, pages and commands."""

from datetime import date, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from core.access import Actor, Role
from core.audit import AuditEntry
from core.db import db
from core.errors import RuleError
from core.sites import actions
from core.sites.models import Area, AreaLevel, CalendarDay, DayKind, Site, SiteKind
from core.sites.public_holidays import has_working_days, public_days
from tests.conftest import SignIn, both_engines, csrf_of

FACTS = actions.SiteFacts("农林二社区老年食堂", "大娘/大爷", phone="0310-1")


@both_engines
def test_areas_get_their_codes_by_path(
    in_app: Flask, clerk: Actor, noon: datetime, engine_name: str
) -> None:
    def add(name: str, level: AreaLevel, parent: Area | None = None) -> Area:
        return actions.add_area(name, level, parent.id if parent else None, by=clerk, now=noon)

    street = add("渚河路街道", AreaLevel.STREET)
    first, second = (add(name, AreaLevel.COMMUNITY, street) for name in ("农林一", "农林二"))
    grid = add("第1网格", AreaLevel.GRID, second)
    outside = add("街道外", AreaLevel.OUTSIDE)
    codes = [area.code for area in (street, first, second, grid, outside)]
    assert codes == ["01", "01.01", "01.02", "01.02.01", "99"]
    for level, parent, code in (
        (AreaLevel.GRID, street, "area_parent"), (AreaLevel.COMMUNITY, None, "area_parent"),
        (AreaLevel.OUTSIDE, None, "area_outside_exists"),
    ):  # fmt: skip
        with pytest.raises(RuleError, match=code):
            add("另一个", level, parent)
    with pytest.raises(RuleError, match="area_name_taken"):
        add("农林一", AreaLevel.COMMUNITY, street)
    with pytest.raises(RuleError, match="area_has_parts"):
        actions.set_area_active(second, False, by=clerk, now=noon)
    actions.set_area_active(grid, False, by=clerk, now=noon)
    actions.set_area_active(second, False, by=clerk, now=noon)
    with pytest.raises(RuleError, match="area_parent_ended"):
        actions.set_area_active(grid, True, by=clerk, now=noon)


@both_engines
def test_a_site_keeps_its_slug_and_name_to_itself(
    in_app: Flask, clerk: Actor, noon: datetime, engine_name: str
) -> None:
    site = actions.add_site("nonglin", SiteKind.CANTEEN, FACTS, by=clerk, now=noon)
    with pytest.raises(RuleError, match="site_slug_taken"):
        actions.add_site("nonglin", SiteKind.CANTEEN, FACTS, by=clerk, now=noon)
    with pytest.raises(RuleError, match="site_name_taken"):
        actions.add_site("other", SiteKind.CANTEEN, FACTS, by=clerk, now=noon)
    actions.change_site(site, FACTS, by=clerk, now=noon)  # its own name is no conflict
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 2


def test_2026_has_the_days_that_the_state_council_announced() -> None:
    days = {day.on: day for day in public_days(2026)}
    off = {on for on, day in days.items() if day.kind == DayKind.HOLIDAY}
    worked = {on for on, day in days.items() if day.kind == DayKind.WORKDAY}
    # 国办发明电〔2025〕7号: 元旦 1–3 January, 春节 15–23 February, 国庆 1–7 October …
    assert {date(2026, 1, d) for d in (1, 2, 3)} == {on for on in off if on.month == 1}
    assert {date(2026, 2, d) for d in range(15, 24)} == {on for on in off if on.month == 2}
    assert {date(2026, 10, d) for d in range(1, 8)} == {on for on in off if on.month == 10}
    assert worked == {date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9),
                      date(2026, 9, 20), date(2026, 10, 10)}  # fmt: skip
    assert days[date(2026, 10, 10)].name == "国庆节调休上班"
    assert len(off) == 33


def test_a_year_not_announced_yet_has_no_working_days() -> None:
    assert not has_working_days(public_days(2098))


@both_engines
def test_filling_in_leaves_alone_what_somebody_set(
    in_app: Flask, clerk: Actor, noon: datetime, engine_name: str
) -> None:
    own = actions.DayFacts(date(2026, 10, 1), DayKind.HOLIDAY, "照常开", is_open=True)
    actions.set_day(own, by=clerk, now=noon)
    days = [actions.DayFacts(day.on, day.kind, day.name) for day in public_days(2026)]
    assert actions.fill_calendar(days, 2026, by=clerk, now=noon) == len(days) - 1
    assert actions.fill_calendar(days, 2026, by=clerk, now=noon) == 0
    kept = db.session.scalars(sa.select(CalendarDay).where(CalendarDay.on == own.on)).one()
    assert (kept.name, kept.is_open) == ("照常开", True)


@both_engines
def test_one_day_has_one_entry_everywhere_and_one_a_site(
    in_app: Flask, clerk: Actor, noon: datetime, engine_name: str
) -> None:
    site = actions.add_site("nonglin", SiteKind.CANTEEN, FACTS, by=clerk, now=noon)
    everywhere = actions.DayFacts(date(2026, 10, 1), DayKind.HOLIDAY, "国庆节")
    here = actions.DayFacts(everywhere.on, DayKind.HOLIDAY, "国庆节", is_open=True, site_id=site.id)
    actions.set_day(everywhere, by=clerk, now=noon)
    row = actions.set_day(here, by=clerk, now=noon)
    for facts in (everywhere, here):
        with pytest.raises(RuleError, match="day_taken"):
            actions.set_day(facts, by=clerk, now=noon)
    assert actions.remove_day(row, by=clerk, now=noon) == here


def test_a_clerk_fills_in_the_holidays_and_changes_one(
    app: Flask, sign_in: SignIn, noon: datetime
) -> None:
    client = sign_in(Role.CLERK)
    token = csrf_of(client)
    assert "2026" in client.get("/office/holidays").text
    client.post(
        "/office/holidays/fill", data={"year": "2026", "plan": "closed", "csrf_token": token}
    )
    with app.app_context():
        workday = db.session.scalars(sa.select(CalendarDay).filter_by(on=date(2026, 10, 10))).one()
        number = workday.id
        assert workday.is_open and workday.as_weekday is None
    form = {
        "on": "2026年10月10日",
        "kind": "workday",
        "name": "国庆节调休上班",
        "plan": "3",
        "site_id": "",
        "csrf_token": token,
    }
    answer = client.post(f"/office/holidays/{number}", data=form)
    assert answer.status_code == 302, answer.text
    with app.app_context():
        assert db.session.get_one(CalendarDay, number).as_weekday == 3
    refused = client.post(f"/office/holidays/{number}", data={**form, "plan": "closed"})
    assert refused.status_code == 422 and 'id="plan-error"' in refused.text


def test_extra_fields_of_a_site_form_are_ignored(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(Role.ADMIN)
    form = {"name": "新食堂", "slug": "new", "kind": "canteen", "address_style": "大娘/大爷", "area_id": "",
            "is_active": "y", "id": "77", "csrf_token": csrf_of(client)}  # fmt: skip
    assert client.post("/office/sites/new", data=form).status_code == 302
    change = {**form, "slug": "stolen", "kind": "workshop"}
    assert client.post("/office/sites/new/", data=change).status_code == 404
    assert client.post("/office/sites/nosuch", data=change).status_code == 404
    with app.app_context():
        site = db.session.scalars(sa.select(Site)).one()
        assert (site.slug, site.kind, site.id != 77) == ("new", SiteKind.CANTEEN, True)


@pytest.mark.parametrize("slug", ["Upper", "a b", "../x", "-a", "ä", "a" * 33])
def test_a_slug_that_is_none_is_refused(app: Flask, sign_in: SignIn, slug: str) -> None:
    client = sign_in(Role.ADMIN)
    form = {
        "name": "新食堂",
        "slug": slug,
        "kind": "canteen",
        "address_style": "大娘/大爷",
        "csrf_token": csrf_of(client),
    }
    page = client.post("/office/sites/new", data=form)
    assert page.status_code == 422 and 'id="slug-error"' in page.text


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "{{ 7*7 }}", "'; DROP TABLE site;--", "a\u202eb", "𠮷野家"],
)
def test_awkward_names_are_kept_exactly_and_stay_inert(
    app: Flask, sign_in: SignIn, name: str
) -> None:
    client = sign_in(Role.ADMIN)
    form = {"name": name, "parent_id": "", "csrf_token": csrf_of(client)}
    assert client.post("/office/areas/new", data=form).status_code == 302
    with app.app_context():
        assert db.session.scalar(sa.select(Area.name)) == name
    page = client.get("/office/areas").text
    assert "<script>alert" not in page
    assert ">49<" not in page


def test_the_tree_of_areas_costs_the_same_queries_whatever_its_size(
    app: Flask, sign_in: SignIn, clerk: Actor, noon: datetime
) -> None:
    client, counts = sign_in(Role.CLERK), []
    with app.app_context():
        street = actions.add_area("街道", AreaLevel.STREET, None, by=clerk, now=noon)
        street_id, engine = street.id, db.engine
    for start, more in ((0, 1), (10, 20)):
        with app.app_context():
            for number in range(start, start + more):
                actions.add_area(
                    f"社区{number}", AreaLevel.COMMUNITY, street_id, by=clerk, now=noon
                )
        seen: list[str] = []

        def note(*args: object, seen: list[str] = seen) -> None:
            seen.append(str(args[2]))

        sa.event.listen(engine, "before_cursor_execute", note)
        assert client.get("/office/areas").status_code == 200
        sa.event.remove(engine, "before_cursor_execute", note)
        counts.append(len(seen))
    assert counts[0] == counts[1]
