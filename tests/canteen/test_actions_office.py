"""The office's verbs: enrolment, papers, tariff, categories, windows, and what the rules make of them."""

import re
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import force_locale

from canteen import actions, queries
from canteen.actions.rulebook import current_rulebook
from canteen.diner_words import diner_sentence, spoken
from canteen.explanation import step_text
from canteen.models import Eligibility, MealEvent, SittingWindow, Tariff
from canteen.rules import DEFAULT_WINDOWS
from canteen.values import (
    Condition,
    Dimension,
    Fact,
    FundLayer,
    LayerRule,
    Limit,
    LimitPeriod,
    LimitUnit,
    Operator,
    Sitting,
    TariffKind,
    TariffState,
    WayOfEating,
    Window,
)
from core import audit, clock
from core.audit import AuditEntry
from core.config import ROOT
from core.db import db, transaction
from core.errors import RuleError, described_codes
from core.sites.models import CalendarDay, DayKind
from tests.canteen import house as h
from tests.canteen.house import House
from tests.conftest import NOON, both_engines

TODAY = NOON.date()


@pytest.fixture
def house(in_app: Flask) -> House:
    return h.build(NOON)


def refused(code: str) -> "pytest.RaisesContext[RuleError]":  # type: ignore[name-defined]
    return pytest.raises(RuleError, match=f"^{code}$")


def audited(action: str) -> int:
    statement = (
        sa.select(sa.func.count()).select_from(AuditEntry).where(AuditEntry.action == action)
    )
    return db.session.scalar(statement) or 0


@both_engines
def test_enrolment_begins_ends_and_begins_again(house: House) -> None:
    person_id = h.diner(house)
    with refused("already_enrolled"):
        actions.enrol_diner(person_id, home_site_id=house.site_id, on=TODAY, by=h.CLERK, now=NOON)
    with refused("no_such_site"):
        actions.change_diner(person_id, home_site_id=999, usual_way=WayOfEating.DINE_IN, note=None,
                             by=h.CLERK, now=NOON)  # fmt: skip
    with refused("reason_needed"):
        actions.end_diner(person_id, on=TODAY, reason=" ", by=h.CLERK, now=NOON)
    yesterday = TODAY - timedelta(days=1)
    actions.end_diner(person_id, on=yesterday, reason="迁出", by=h.CLERK, now=NOON)
    assert (
        actions.register_meal(h.scan(house, person_id), by=h.CLERK, now=NOON).answer["reason"]
        == "not_eligible"
    )
    actions.enrol_diner(
        person_id, home_site_id=house.second_site_id, on=TODAY, by=h.CLERK, now=NOON
    )
    assert actions.register_meal(h.scan(house, person_id), by=h.CLERK, now=NOON).outcome == "served"
    assert (audited("diner.enrolled"), audited("diner.ended")) == (2, 1)
    with refused("no_such_person"):
        actions.enrol_diner(999, home_site_id=house.site_id, on=TODAY, by=h.CLERK, now=NOON)


@both_engines
def test_proposed_paper_counts_only_after_approval(house: House) -> None:
    person_id = h.diner(house, None)
    low = house.categories["minimum_living"]
    paper = actions.propose_eligibility(
        person_id, low, from_on=TODAY, until_on=None, evidence="低保证", by=h.CLERK, now=NOON
    )
    scan = h.scan(house, person_id)
    assert actions.register_meal(scan, by=h.CLERK, now=NOON).answer["reason"] == "not_eligible"
    assert [row.id for row in queries.eligibilities_to_review(TODAY)] == [paper.id]
    approved = actions.approve_eligibility(person_id, paper.id, by=h.CLERK, now=NOON)
    assert (approved.approved_by_name, approved.approved_at) == ("经办人甲", NOON)
    with refused("not_proposed"):
        actions.refuse_eligibility(person_id, paper.id, reason="重复", by=h.CLERK, now=NOON)
    with refused("eligibility_overlaps"):
        actions.propose_eligibility(
            person_id,
            low,
            from_on=date(2027, 1, 1),
            until_on=None,
            evidence="",
            by=h.CLERK,
            now=NOON,
        )
    assert actions.register_meal(h.scan(house, person_id), by=h.CLERK, now=NOON).outcome == "served"
    assert audited("eligibility.approved") == 1


@both_engines
def test_what_was_refused_is_proposed_anew_and_what_was_ended_stays(house: House) -> None:
    person_id, category_id = h.diner(house), house.categories["minimum_living"]
    at = {"by": h.CLERK, "now": NOON}

    def propose(until_on: date | None, evidence: str) -> Eligibility:
        return actions.propose_eligibility(
            person_id, category_id, from_on=h.FIRST, until_on=until_on, evidence=evidence, **at
        )

    first = propose(None, "证件模糊")
    actions.refuse_eligibility(person_id, first.id, reason="请补交清晰的复印件", **at)
    again = propose(date(2026, 12, 31), "清晰的复印件")
    assert (again.state, again.evidence, again.end_reason) == ("proposed", "清晰的复印件", None)
    actions.approve_eligibility(person_id, again.id, **at)

    starts = date(2027, 1, 1)
    early = actions.propose_eligibility(
        person_id, category_id, from_on=starts, until_on=None, evidence="过早", **at
    )
    actions.refuse_eligibility(person_id, early.id, reason="尚未复核", **at)
    renewed = actions.renew_eligibility(
        person_id, again.id, until_on=date(2027, 12, 31), evidence="已复核", **at
    )
    assert (renewed.from_on, renewed.state, renewed.end_reason) == (starts, "approved", None)

    actions.end_eligibility(person_id, again.id, on=date(2026, 11, 1), reason="查实不符", **at)
    with pytest.raises(RuleError, match="eligibility_was_ended"):
        propose(date(2026, 11, 30), "再次申请")


@both_engines
def test_age_category_takes_no_paper_and_an_unknown_one_is_refused(house: House) -> None:
    person_id = h.diner(house)
    for category_id, code in (
        (house.categories["aged"], "category_by_age"),
        (999, "no_such_category"),
    ):
        with refused(code):
            actions.propose_eligibility(
                person_id,
                category_id,
                from_on=TODAY,
                until_on=None,
                evidence="",
                by=h.CLERK,
                now=NOON,
            )
    with refused("not_a_diner"):
        actions.propose_eligibility(
            999,
            house.categories["general"],
            from_on=TODAY,
            until_on=None,
            evidence="",
            by=h.CLERK,
            now=NOON,
        )


@both_engines
def test_ended_paper_has_no_grace_and_a_renewed_one_goes_on(house: House) -> None:
    until = date(2026, 11, 20)
    renewed, ended = (
        h.diner(house, "minimum_living", until_on=until),
        h.diner(house, "minimum_living"),
    )
    papers = {row.person_id: row.id for row in db.session.scalars(sa.select(Eligibility))}
    actions.end_eligibility(ended, papers[ended], on=until, reason="收入超标", by=h.CLERK, now=NOON)
    assert (
        actions.register_meal(h.scan(house, ended), by=h.CLERK, now=NOON).answer["reason"]
        == "not_eligible"
    )
    assert [row.person_id for row in queries.eligibilities_to_review(TODAY)] == [renewed]
    with refused("renewal_not_later"):
        actions.renew_eligibility(
            renewed, papers[renewed], until_on=until, evidence="", by=h.CLERK, now=NOON
        )
    actions.renew_eligibility(
        renewed,
        papers[renewed],
        until_on=date(2027, 11, 20),
        evidence="年审通过",
        by=h.CLERK,
        now=NOON,
    )
    assert actions.register_meal(h.scan(house, renewed), by=h.CLERK, now=NOON).answer["notes"] == []
    assert queries.eligibilities_to_review(TODAY) == []


@both_engines
def test_expiring_papers_are_listed_without_those_that_go_on(house: House) -> None:
    soon, far = TODAY + timedelta(days=10), TODAY + timedelta(days=60)
    first, _ = (
        h.diner(house, "minimum_living", until_on=soon),
        h.diner(house, "alone", until_on=far),
    )
    found = queries.eligibilities_expiring(TODAY, 30)
    assert [(row.person_id, row.category.code, row.diner.person.name) for row in found] == [
        (first, "minimum_living", "王秀华")
    ]
    assert queries.eligibilities_expiring(TODAY, 30, site_id=house.second_site_id) == []


def draft(**changes: object) -> actions.TariffDraft:
    values = actions.TariffDraft(
        series="low", kind=TariffKind.SUBSIDY, name="新标准", document_no="示例〔2026〕9号", from_on=TODAY,
        conditions=[Condition(Fact.CATEGORY, Operator.IN, ("minimum_living",))],
        layers=[LayerRule(FundLayer.CITY, fixed_fen=100)], annual_budget_fen=100_000,
    )  # fmt: skip
    return replace(values, **changes)  # type: ignore[arg-type]


@both_engines
def test_draft_prices_nothing_and_is_rewritten_or_thrown_away(house: House) -> None:
    row = actions.draft_tariff(draft(), by=h.CLERK, now=NOON)
    assert all(each.id != row.id for each in current_rulebook().tariffs)
    limit = Limit(LimitPeriod.WEEK, LimitUnit.MEALS, 5)
    changed = actions.change_draft(row.id, draft(limits=[limit]), by=h.CLERK, now=NOON)
    assert changed.value.limits == (limit,)
    actions.delete_draft(row.id, by=h.CLERK, now=NOON)
    with refused("no_such_tariff"):
        actions.delete_draft(row.id, by=h.CLERK, now=NOON)
    assert audited("tariff.draft_deleted") == 1


@both_engines
def test_new_version_ends_the_old_one_the_day_before(house: House) -> None:
    row = actions.draft_tariff(draft(), by=h.CLERK, now=NOON)
    actions.put_tariff_in_force(row.id, by=h.CLERK, now=NOON)
    rows = db.session.scalars(
        sa.select(Tariff).where(Tariff.series == "low").order_by(Tariff.id)
    ).all()
    assert [(each.state, each.until_on) for each in rows] == [
        (TariffState.IN_FORCE, TODAY - timedelta(days=1)), (TariffState.IN_FORCE, None),
    ]  # fmt: skip
    with refused("tariff_in_force"):
        actions.change_draft(row.id, draft(), by=h.CLERK, now=NOON)
    again = actions.draft_tariff(draft(name="更正"), by=h.CLERK, now=NOON)
    actions.put_tariff_in_force(again.id, by=h.CLERK, now=NOON)
    assert db.session.get_one(Tariff, row.id).state is TariffState.WITHDRAWN
    ended = actions.end_tariff(
        again.id, on=date(2026, 12, 31), reason="文件到期", by=h.CLERK, now=NOON
    )
    assert ended.until_on == date(2026, 12, 31)
    with refused("tariff_not_in_force"):
        actions.end_tariff(row.id, on=TODAY, reason="再次", by=h.CLERK, now=NOON)


@both_engines
def test_version_that_outlasts_a_new_one_begins_after_it(house: House) -> None:
    usual = draft(series="feast", from_on=date(2027, 2, 5))
    feast = draft(series="feast", from_on=date(2027, 2, 1), until_on=date(2027, 2, 10))
    rows = [actions.draft_tariff(each, by=h.CLERK, now=NOON) for each in (usual, feast)]
    for row in rows:
        actions.put_tariff_in_force(row.id, by=h.CLERK, now=NOON)
    found = db.session.get_one(Tariff, rows[0].id)
    assert (found.state, found.from_on) == (TariffState.IN_FORCE, date(2027, 2, 11))


@both_engines
def test_series_keeps_its_kind_and_a_row_its_sense(house: House) -> None:
    row = actions.draft_tariff(draft(series="price-lunch"), by=h.CLERK, now=NOON)
    with refused("series_of_other_kind"):
        actions.put_tariff_in_force(row.id, by=h.CLERK, now=NOON)
    layer = LayerRule(FundLayer.CITY, fixed_fen=1)
    for bad, code in (
        (draft(layers=[]), "tariff_without_layers"),
        (draft(document_no=" "), "tariff_incomplete"),
        (draft(layers=[layer, layer]), "tariff_repeats_itself"),
        (draft(until_on=date(2026, 1, 1)), "ends_before_start"),
    ):
        with refused(code):
            actions.draft_tariff(bad, by=h.CLERK, now=NOON)


@both_engines
def test_budget_balance_counts_all_versions_of_a_series(house: House) -> None:
    person_id = h.diner(house, "minimum_living")
    actions.register_meal(h.scan(house, person_id), by=h.CLERK, now=NOON)
    tomorrow = h.later(NOON, days=1)
    row = actions.draft_tariff(draft(from_on=tomorrow.date()), by=h.CLERK, now=NOON)
    actions.put_tariff_in_force(row.id, by=h.CLERK, now=NOON)
    actions.register_meal(h.scan(house, person_id, tomorrow), by=h.CLERK, now=tomorrow)
    balance = queries.budget_balances(tomorrow.date())
    assert [(each.used_fen, each.left_fen) for each in balance] == [(900, 99_100)]


@both_engines
def test_categories_are_edited_but_keep_their_code(house: House) -> None:
    ids = house.categories
    saved = actions.save_category(ids["alone"], code="alone", name="独居老人", dimension=Dimension.LIVING,
                                  position=5, by=h.CLERK, now=NOON)  # fmt: skip
    assert saved.name == "独居老人"
    cases = [
        (ids["alone"], "other", "改码", Dimension.LIVING, None, "category_needed"),
        (None, "alone", "重复", Dimension.LIVING, None, "category_taken"),
        (None, "ninety", "九十", Dimension.AGE, None, "category_age_bounds"),
        (None, "wrong", "错", Dimension.LIVING, 80, "category_age_bounds"),
        (None, " ", "空", Dimension.LIVING, None, "category_incomplete"),
        (999, "none", "无", Dimension.LIVING, None, "no_such_category"),
    ]
    for category_id, code, name, dimension, age_from, error in cases:
        with refused(error):
            actions.save_category(category_id, code=code, name=name, dimension=dimension, position=1,
                                  age_from=age_from, by=h.CLERK, now=NOON)  # fmt: skip
    actions.save_category(None, code="ninety", name="九十岁以上", dimension=Dimension.AGE, position=1,
                          age_from=90, by=h.CLERK, now=NOON)  # fmt: skip
    h.subsidy(house, "ninety", ["ninety"], [LayerRule(FundLayer.CITY, fixed_fen=500)])
    old = h.diner(house, None, birth_on=date(1936, 11, 24))
    assert (
        actions.register_meal(h.scan(house, old), by=h.CLERK, now=NOON).answer["meal"]["category"]
        == "ninety"
    )


@both_engines
def test_windows_change_from_a_day_on_and_never_overlap(house: House) -> None:
    lunch = Window(Sitting.LUNCH, 600, 720)
    for bad, code in (
        ([lunch, Window(Sitting.DINNER, 719, 800)], "windows_overlap"),
        ([lunch, lunch], "window_twice"),
        ([Window(Sitting.LUNCH, 700, 700)], "bad_window"),
        ([], "bad_window"),
    ):
        with refused(code):
            actions.set_sitting_windows(
                house.site_id, windows=bad, from_on=TODAY, by=h.CLERK, now=NOON
            )
    tomorrow = TODAY + timedelta(days=1)
    actions.set_sitting_windows(
        house.site_id, windows=[lunch], from_on=tomorrow, by=h.CLERK, now=NOON
    )
    assert queries.windows_of(house.site_id, TODAY) == DEFAULT_WINDOWS
    assert queries.windows_of(house.site_id, tomorrow) == (lunch,)
    actions.set_sitting_windows(
        house.site_id, windows=[lunch], from_on=h.FIRST, by=h.CLERK, now=NOON
    )
    later = Window(Sitting.LUNCH, 660, 800)
    actions.set_sitting_windows(house.site_id, windows=[later], from_on=TODAY, by=h.CLERK, now=NOON)
    yesterday = TODAY - timedelta(days=1)
    assert queries.windows_of(house.site_id, yesterday) == (lunch,)
    day_before_all = h.FIRST - timedelta(days=1)
    assert queries.windows_of(house.site_id, day_before_all) == DEFAULT_WINDOWS
    assert queries.windows_of(house.site_id, TODAY) == (later,)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SittingWindow)) == 2
    placed = queries.current_sitting(house.site_id, NOON)
    assert placed is not None and placed.sitting is Sitting.LUNCH


@both_engines
def test_calendar_closes_and_opens_days_for_the_counter_at_once(house: House) -> None:
    person_id = h.diner(house)
    with transaction() as session:
        session.add(CalendarDay(on=TODAY, kind=DayKind.HOLIDAY, name="示例节"))
    closed = actions.register_meal(h.scan(house, person_id), by=h.CLERK, now=NOON).answer
    assert (closed["reason"], closed["next"]["day"]) == ("closed_day", "2026-11-25")
    late = h.scan(house, person_id, late_reason="临时开餐")
    assert actions.register_meal(late, by=h.CLERK, now=NOON).outcome == "served"
    with transaction() as session:
        session.add(
            CalendarDay(
                on=TODAY, kind=DayKind.HOLIDAY, name="本点开餐", is_open=True, site_id=house.site_id
            )
        )
    other = h.diner(house)
    assert actions.register_meal(h.scan(house, other), by=h.CLERK, now=NOON).outcome == "served"


@both_engines
def test_make_up_working_day_follows_the_chosen_weekday(house: House) -> None:
    saturday = date(2026, 11, 28)
    window = Window(Sitting.LUNCH, 660, 800)
    actions.set_sitting_windows(
        house.site_id, windows=[window], from_on=h.FIRST, weekdays=0b0011111, by=h.CLERK, now=NOON
    )
    assert queries.windows_of(house.site_id, saturday) == ()
    with transaction() as session:
        session.add(CalendarDay(on=saturday, kind=DayKind.WORKDAY, name="调休上班", as_weekday=5))
    assert queries.windows_of(house.site_id, saturday) == (window,)


@both_engines
def test_suspension_and_pause_end(house: House) -> None:
    person_id = h.diner(house)
    row = actions.suspend_diner(
        person_id, from_on=TODAY, until_on=None, reason="核查", by=h.CLERK, now=NOON
    )
    actions.end_suspension(person_id, row.id, on=TODAY - timedelta(days=1), by=h.CLERK, now=NOON)
    pause = actions.pause_diner(person_id, from_on=TODAY, until_on=None, by=h.CLERK, now=NOON)
    for _ in range(2):
        actions.end_pause(person_id, pause.id, on=TODAY, by=h.CLERK, now=NOON)
    assert (
        actions.register_meal(h.scan(house, person_id), by=h.CLERK, now=NOON).answer["notes"] == []
    )
    with refused("no_such_entry"):
        actions.end_suspension(person_id, h.uid(1), on=TODAY, by=h.CLERK, now=NOON)
    with refused("not_a_diner"):
        actions.pause_diner(999, from_on=TODAY, until_on=None, by=h.CLERK, now=NOON)


@both_engines
def test_preview_says_what_the_counter_will_say(house: House) -> None:
    person_id = h.diner(house, "minimum_living")
    seen = queries.preview_price(person_id, house.site_id, Sitting.LUNCH, TODAY)
    assert (seen.price_fen, seen.copay_fen) == (1200, 400)
    assert queries.preview_price(None, house.site_id, Sitting.LUNCH, TODAY).copay_fen == 1200
    meal = actions.register_meal(h.scan(house, person_id), by=h.CLERK, now=NOON).answer["meal"]
    assert meal["copay_fen"] == seen.copay_fen


@both_engines
def test_meal_events_are_links_of_the_audit_chain(house: House) -> None:
    scan = h.scan(house, h.diner(house))
    actions.register_meal(scan, by=h.CLERK, now=NOON)
    audit.seal(NOON)
    assert audit.verify().fault is None
    with db.engine.begin() as connection:
        connection.execute(sa.update(MealEvent.__table__).values(note="改过"))  # type: ignore[arg-type]
    assert str(scan.id) in str(audit.verify().fault)


def test_explanation_is_said_in_the_words_of_the_screen(house: House) -> None:
    person_id = h.diner(house, "minimum_living", birth_on=date(1940, 1, 1))
    scan = h.scan(house, person_id)
    actions.register_meal(scan, by=h.CLERK, now=NOON)
    priced = db.session.get_one(MealEvent, scan.id).priced
    assert priced is not None
    with force_locale("en"):
        assert [step_text(step) for step in priced["steps"]] == [
            "Price ¥12.00 (lunch price, 示例〔2026〕1号)",
            "Subsidy: low (示例〔2026〕2号), as 低保",
            "It is the largest, compared with aged ¥3.00; subsidies are not added together",
            "City pays ¥5.00",
            "Subdistrict pays ¥3.00",
            "She pays ¥4.00",
        ]


def test_diner_side_never_says_a_category_or_a_reason(house: House) -> None:
    with force_locale("en"):  # of the staff's screen: the diner's side stays Chinese
        stopped = {
            diner_sentence({"outcome": "refused", "reason": reason}, "王大娘")
            for reason in ("card_replaced", "deceased", "suspended", "not_eligible", "hospital")
        }
    assert stopped == {"此卡已停用，请找工作人员"}


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (300, "三元"), (1200, "十二元"), (1250, "十二元五角"), (205, "二元零五分"), (50, "五角"), (5, "五分"),
        (11_000, "一百一十元"), (10_500, "一百零五元"), (200_000, "二千元"), (0, "零元"), (255, "二元五角五分"),
    ],
)  # fmt: skip
def test_amounts_are_spoken_as_people_say_them(fen: int, said: str) -> None:
    assert spoken(fen) == said


def test_every_coded_error_of_the_engine_has_a_sentence(in_app: Flask) -> None:
    raised = set()
    for path in (
        *(ROOT / "canteen" / "actions").glob("*.py"),
        *(ROOT / "canteen" / "rules").glob("*.py"),
    ):
        raised |= set(re.findall(r'RuleError\(\s*"(\w+)"', path.read_text("utf-8")))
    assert raised - described_codes() == set()


def test_border_between_two_graces_may_lie_on_a_half_minute(house: House) -> None:
    # From 13:30 to 14:05 both graces hold, and 13:47:30 is as far from one as from the other. Each
    # moment is asked after another of the same minute: what is remembered must not answer for it.
    windows = [
        Window(Sitting.LUNCH, 11 * 60, 13 * 60 + 30, 30, 30),
        Window(Sitting.DINNER, 14 * 60 + 5, 17 * 60, 30, 20),
    ]
    actions.set_sitting_windows(house.site_id, windows=windows, from_on=TODAY, by=h.CLERK, now=NOON)
    minute = clock.moment_of(TODAY, time(13, 47))
    second, millisecond = timedelta(seconds=1), timedelta(milliseconds=1)
    expected = [
        (minute, Sitting.LUNCH),
        (minute + 30 * second, Sitting.LUNCH),
        (minute + 30 * second + millisecond, Sitting.DINNER),
        (minute + 59 * second, Sitting.DINNER),
        (minute + 29 * second, Sitting.LUNCH),
    ]
    for moment, sitting in expected:
        placed = queries.current_sitting(house.site_id, moment)
        assert placed is not None
        assert placed.sitting is sitting, moment
