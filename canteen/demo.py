"""The canteen's story in the demo: about 400 diners, a tariff marked as an example, three months.

Deterministic for a day: the same people eat at the same minutes. What is told goes through the same
verbs as at a real counter, so that every state is one that the product can reach.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from canteen import actions
from canteen.actions import ByCode, ByPerson, Registered, Scan, TariffDraft
from canteen.models import MealCategory
from canteen.values import (
    GENERAL,
    Collector,
    Condition,
    DietKind,
    Fact,
    FundLayer,
    LayerRule,
    Limit,
    LimitPeriod,
    LimitScope,
    LimitUnit,
    NoCardReason,
    Operator,
    OtherKind,
    PriceKind,
    Sitting,
    TariffKind,
    WayOfEating,
    WayOfRecording,
    Window,
)  # fmt: skip
from core import clock
from core.access import SYSTEM, Actor, Role
from core.accounts.models import User
from core.accounts.sessions import user_actor
from core.db import db, transaction
from core.demo.residents import Resident, invent_residents
from core.people.actions import (
    add_person,
    change_standing,
    link_household,
    record_consent,
    withdraw_consent,
)
from core.people.cards.actions import issue_card, replace_card, revoke_card
from core.people.models import StandingKind
from core.people.values import Details
from core.sites.models import Area, AreaLevel, Site, SiteKind

DINERS = 400
REGULARS = 88
DOCUMENT = "渚河办〔示例〕1号"
WHOLE_DAY = (
    Window(Sitting.BREAKFAST, 0, 10 * 60),
    Window(Sitting.LUNCH, 10 * 60, 15 * 60),
    Window(Sitting.DINNER, 15 * 60, 24 * 60),
)
# Share of diners in each category of paper, in percent; the others eat as 普通.
PAPERS = (
    ("destitute", 4), ("minimum_living", 7), ("low_income", 6), ("rigid_expense", 3), ("half_disabled", 4),
    ("disabled", 3), ("alone", 12), ("empty_nest", 14), ("severe_disability", 5), ("veteran", 3),
)  # fmt: skip
NEEDS = (
    (DietKind.ALLERGY, "花生", 3), (DietKind.DIABETIC, None, 8), (DietKind.LOW_SALT, None, 7),
    (DietKind.SOFT, None, 4), (DietKind.HALAL, None, 1), (DietKind.TASTE, "不吃香菜", 4),
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One diner of the story."""

    person_id: int
    site_id: int
    comes: float  # chance of lunch on a day
    way: WayOfEating


def tell(day: date, days: int = 92) -> None:
    """Fill the canteen with so many days of meals before a day. Expects the house of `core.demo` alone."""
    random = Random(f"canteen-{day}")
    start = day - timedelta(days=92)
    sites = list(
        db.session.scalars(sa.select(Site).where(Site.kind == SiteKind.CANTEEN).order_by(Site.id))
    )
    counters = {site.id: _counter_of(site) for site in sites}
    with clock.at(clock.moment_of(start, time(8))):
        actions.ensure_categories(by=SYSTEM, now=clock.now())
        for site in sites:
            actions.set_sitting_windows(
                site.id, windows=WHOLE_DAY, from_on=start, by=SYSTEM, now=clock.now()
            )
        _tariffs(day, start)
        # One transaction for all: four hundred small ones would wait for the disk a thousand times.
        with transaction():
            told = _enrol(random, start, day, [site.id for site in sites])
    _stand_aside(told, day)
    _papers_in_every_state(told, day)
    for ago in range(days, 0, -1):
        _serve(random, day - timedelta(days=ago), told, counters, None)
    _serve(
        random, day, told, counters, clock.now() if clock.service_day(clock.now()) == day else None
    )
    _oddities(random, day - timedelta(days=1), told, counters)


def _counter_of(site: Site) -> Actor:
    user = db.session.scalar(
        sa.select(User).where(User.grants.any(site_id=site.id, role=Role.COUNTER)).order_by(User.id)
    )
    return user_actor(user) if user else SYSTEM


def _condition(fact: Fact, operator: Operator, *values: str) -> Condition:
    return Condition(fact, operator, values)


def _tariffs(day: date, start: date) -> None:
    """Prices by sitting, subsidies by category and age, one older price, one draft. All 示例."""
    now = clock.now()
    for sitting, fen, label in (
        (Sitting.BREAKFAST, 400, "早餐价格"), (Sitting.LUNCH, 1200, "午餐价格"), (Sitting.DINNER, 800, "晚餐价格"),
    ):  # fmt: skip
        conditions = (_condition(Fact.SITTING, Operator.IN, sitting),)
        _put(
            f"price-{sitting}",
            TariffKind.PRICE,
            label,
            start.replace(month=1, day=1),
            fen,
            conditions,
        )
    lunch = (_condition(Fact.SITTING, Operator.IN, Sitting.LUNCH),)
    next_year = date(day.year + 1, 1, 1)
    draft = _draft("price-lunch", TariffKind.PRICE, "午餐价格（明年）", next_year, 1300, lunch)
    actions.draft_tariff(draft, by=SYSTEM, now=now)
    first = start.replace(month=1, day=1)
    district, street, community = FundLayer.DISTRICT, FundLayer.STREET, FundLayer.COMMUNITY
    main = _condition(Fact.SITTING, Operator.IN, Sitting.LUNCH, Sitting.DINNER)
    hardship = _condition(
        Fact.CATEGORY, Operator.IN, "minimum_living", "low_income", "rigid_expense"
    )
    care = _condition(Fact.CATEGORY, Operator.IN, "half_disabled", "disabled", "severe_disability")
    subsidies: tuple[tuple[str, str, tuple[Condition, ...], tuple[LayerRule, ...]], ...] = (
        ("free", "特困人员全额补贴", (_condition(Fact.CATEGORY, Operator.IN, "destitute"),),
         (LayerRule(district, share_bp=6000), LayerRule(street, share_bp=4000))),
        ("hardship", "困难家庭补贴", (main, hardship),
         (LayerRule(district, fixed_fen=400), LayerRule(street, fixed_fen=200))),
        ("care", "失能老人补贴", (main, care),
         (LayerRule(district, fixed_fen=300), LayerRule(street, fixed_fen=200))),
        ("age90", "90 岁以上补贴", (main, _condition(Fact.AGE, Operator.AT_LEAST, "90")),
         (LayerRule(district, share_bp=4000, cap_fen=500), LayerRule(street, fixed_fen=200))),
        ("age80", "80–89 岁补贴", (main, _condition(Fact.AGE, Operator.AT_LEAST, "80"),
                                 _condition(Fact.AGE, Operator.BELOW, "90")),
         (LayerRule(district, fixed_fen=200), LayerRule(street, fixed_fen=200))),
        ("age70", "70–79 岁补贴", (main, _condition(Fact.AGE, Operator.AT_LEAST, "70"),
                                 _condition(Fact.AGE, Operator.BELOW, "80")),
         (LayerRule(street, fixed_fen=100), LayerRule(community, fixed_fen=100))),
    )  # fmt: skip
    for series, name, needed, layers in subsidies:
        limits = (
            (Limit(LimitPeriod.DAY, LimitUnit.MEALS, 2, LimitScope.ALL),)
            if series == "free"
            else ()
        )
        _put(series, TariffKind.SUBSIDY, name, first, None, needed, layers, limits)


def _draft(
    series: str, kind: TariffKind, name: str, from_on: date, price_fen: int | None,
    conditions: tuple[Condition, ...], layers: tuple[LayerRule, ...] = (), limits: tuple[Limit, ...] = (),
) -> TariffDraft:  # fmt: skip
    return TariffDraft(
        series=series, kind=kind, name=f"{name}（示例）", document_no=DOCUMENT, from_on=from_on, until_on=None,
        priority=100, price_kind=PriceKind.FIXED if price_fen is not None else None, price_fen=price_fen,
        conditions=conditions, layers=layers, limits=limits,
        annual_budget_fen=60_000_00 if series == "free" else None, note="示例，不是任何地方的标准",
    )  # fmt: skip


def _put(series: str, *values: object) -> None:
    tariff = actions.draft_tariff(_draft(series, *values), by=SYSTEM, now=clock.now())  # type: ignore[arg-type]
    actions.put_tariff_in_force(tariff.id, by=SYSTEM, now=clock.now())


def _enrol(random: Random, start: date, day: date, site_ids: list[int]) -> list[Told]:
    parent = aliased(Area)
    areas = list(db.session.execute(
        sa.select(Area.id, Area.code, parent.name).join(parent, Area.parent_id == parent.id)
        .where(Area.level == AreaLevel.GRID).order_by(Area.code)
    ))  # fmt: skip
    categories = dict(
        db.session.execute(sa.select(MealCategory.code, MealCategory.id)).tuples().all()
    )
    told = []
    for number, resident in enumerate(invent_residents(DINERS, len(areas), day, 60, 98, "diners")):
        area = areas[resident.grid]
        site_id = site_ids[min(2, (int(area.code.split(".")[1]) - 1) // 3)]
        way = random.choices(
            (WayOfEating.DINE_IN, WayOfEating.TAKE_AWAY, WayOfEating.COLLECTED), (70, 20, 10)
        )[0]
        person_id = _add(resident, area.id, area.name)
        actions.enrol_diner(
            person_id, home_site_id=site_id, usual_way=way, on=start, by=SYSTEM, now=clock.now()
        )
        _papers(random, person_id, categories, start, day)
        if number % 12:  # every twelfth has not signed yet
            record_consent(person_id, signed_on=start, note="原件在社区档案柜（示例）", by=SYSTEM,
                           now=clock.now())  # fmt: skip
        if number < DINERS - 8:  # the last eight have no card yet
            issue_card(person_id, by=SYSTEM, now=clock.now())
        told.append(Told(person_id, site_id, _chance(number), way))
    for first, second in zip(told[20:40:2], told[21:41:2], strict=True):
        link_household(first.person_id, second.person_id, by=SYSTEM, now=clock.now())
    return told


def _chance(number: int) -> float:
    """How likely diner number so-and-so comes to lunch; forty never do and stay free for the rarer cases."""
    if number < REGULARS:
        return 0.82
    return 0.0 if 320 <= number < 360 else 0.014


def _add(resident: Resident, area_id: int, site_name: str) -> int:
    community = site_name.removesuffix("（示例）")
    details = Details(
        resident.name, sex=resident.sex, birth_on=resident.born_on, id_number=resident.id_number,
        no_id_reason=None if resident.id_number else "证件遗失，补办中", phone=resident.phone,
        address=f"{community}{resident.building}", residence_area_id=area_id, registration_area_id=area_id,
    )  # fmt: skip
    return add_person(details, by=SYSTEM, now=clock.now(), source="demo").id


def _papers(
    random: Random, person_id: int, categories: dict[str, int], start: date, day: date
) -> None:
    now = clock.now()
    _approve(person_id, categories[GENERAL], start, None, "身份证（示例）")
    for code, percent in PAPERS:
        if random.random() * 100 < percent:
            _approve(
                person_id,
                categories[code],
                start,
                date(day.year, 12, 31),
                f"{DOCUMENT} 证明复印件（示例）",
            )
    for kind, detail, percent in NEEDS:
        if random.random() * 100 < percent:
            actions.add_diet_need(person_id, kind, detail=detail, from_on=start, by=SYSTEM, now=now)


def _approve(
    person_id: int, category_id: int, from_on: date, until_on: date | None, evidence: str
) -> uuid.UUID:
    now = clock.now()
    paper = actions.propose_eligibility(
        person_id,
        category_id,
        from_on=from_on,
        until_on=until_on,
        evidence=evidence,
        by=SYSTEM,
        now=now,
    )
    actions.approve_eligibility(person_id, paper.id, by=SYSTEM, now=now)
    return paper.id


def _stand_aside(told: list[Told], day: date) -> None:
    """People who left, are in hospital, are paused or suspended: the other standings and refusals."""
    with clock.at(clock.moment_of(day - timedelta(days=9), time(9))):
        now = clock.now()
        for number, kind in enumerate((
            StandingKind.DECEASED, StandingKind.DECEASED, StandingKind.MOVED_AWAY, StandingKind.CARE_HOME,
            StandingKind.HOSPITAL,
        )):  # fmt: skip
            change_standing(told[300 + number].person_id, kind, by=SYSTEM, now=now, note="示例")
        actions.suspend_diner(
            told[310].person_id, from_on=day - timedelta(days=9), until_on=day + timedelta(days=20),
            reason="多次代领未登记（示例）", by=SYSTEM, now=now,
        )  # fmt: skip
        actions.pause_diner(
            told[40].person_id, from_on=day - timedelta(days=2), until_on=day + timedelta(days=5),
            reason="去女儿家（示例）", by=SYSTEM, now=now,
        )  # fmt: skip
        replace_card(told[1].person_id, reason="丢失", by=SYSTEM, now=now)
        revoke_card(told[311].person_id, reason="卡片损坏，待补（示例）", by=SYSTEM, now=now)
        withdraw_consent(told[313].person_id, on=day - timedelta(days=9), note="家属来电（示例）",
                         by=SYSTEM, now=now)  # fmt: skip
        actions.end_diner(told[312].person_id, on=day - timedelta(days=9), reason="不再需要助餐（示例）",
                          by=SYSTEM, now=now)  # fmt: skip


def _papers_in_every_state(told: list[Told], day: date) -> None:
    """One paper each: just expired (amber at the counter), long expired, expiring, proposed, refused, ended."""
    with clock.at(clock.moment_of(day - timedelta(days=9), time(10))):
        now, start = clock.now(), day - timedelta(days=90)
        category = db.session.scalars(
            sa.select(MealCategory.id).where(MealCategory.code == "left_behind")
        ).one()
        for number, until_on in ((50, day - timedelta(days=10)), (51, day - timedelta(days=60)),
                                 (52, day + timedelta(days=15)), (53, day + timedelta(days=3))):  # fmt: skip
            _approve(told[number].person_id, category, start, until_on, "村居证明（示例）")
        ended = _approve(told[54].person_id, category, start, None, "村居证明（示例）")
        actions.end_eligibility(told[54].person_id, ended, on=day - timedelta(days=30), reason="子女返乡（示例）",
                                by=SYSTEM, now=now)  # fmt: skip
        for number in (55, 56):
            paper = actions.propose_eligibility(
                told[number].person_id, category, from_on=start, until_on=None, evidence="本人申请（示例）",
                by=SYSTEM, now=now,
            )  # fmt: skip
        actions.refuse_eligibility(
            told[56].person_id, paper.id, reason="与子女同住（示例）", by=SYSTEM, now=now
        )


def _serve(
    random: Random, day: date, told: list[Told], counters: dict[int, Actor], until: datetime | None
) -> None:
    """One day at all counters, in the order of the clock; `until` cuts today short."""
    busy = 1.0 if day.isoweekday() < 7 else 0.5
    scans: list[tuple[datetime, Scan]] = []
    for diner in told:
        for hour, chance in ((7, diner.comes * 0.08), (11, diner.comes), (17, diner.comes * 0.05)):
            if random.random() < chance * busy:
                minute, second = random.randint(0, 75), random.randint(0, 59)
                at = clock.moment_of(day, time(hour)) + timedelta(minutes=minute, seconds=second)
                scans.append((at, _scan(random, diner, at)))
    scans.sort(key=lambda pair: pair[0])
    for at, scan in scans:
        if until is not None and at > until:
            break
        with clock.at(at):
            actions.register_meal(scan, by=counters[scan.site_id], now=at)


def _scan(random: Random, diner: Told, at: datetime, **changes: object) -> Scan:
    by_name = random.random() < 0.04
    values: dict[str, object] = {
        "id": uuid.UUID(int=random.getrandbits(128), version=4),
        "who": ByPerson(diner.person_id),
        "site_id": diner.site_id,
        "scanned_at": at,
        "way": diner.way,
        "collected_by": Collector.FAMILY if diner.way == WayOfEating.COLLECTED else Collector.SELF,
        "recording": WayOfRecording.BY_NAME if by_name else WayOfRecording.SCAN,
        "no_card_reason": NoCardReason.FORGOTTEN if by_name else None,
        "acknowledged": True,
        **changes,
    }
    return Scan(**values)  # type: ignore[arg-type]


def _oddities(random: Random, day: date, told: list[Told], counters: dict[int, Actor]) -> None:
    """Yesterday's rarer cases: refusals, a void, a swapped card, paper, guests, something to settle."""
    at = clock.moment_of(day, time(12, 30))
    site_id = told[0].site_id
    by = counters[site_id]

    def attempt(who: object, **changes: object) -> Registered:
        scan = _scan(random, Told(0, site_id, 0, WayOfEating.DINE_IN), at, who=who, **changes)
        with clock.at(at):
            return actions.register_meal(scan, by=by, now=at)

    attempt(ByCode("12345678901234567"))
    for number in (300, 302, 310, 311):
        attempt(ByPerson(told[number].person_id))
    attempt(None, other=OtherKind.GUEST)
    attempt(None, other=OtherKind.COMPANION, host_id=told[0].person_id)
    attempt(None, other=OtherKind.VOLUNTEER)
    fresh = [diner for diner in told[320:360] if diner.site_id == site_id][:5]
    swapped = attempt(ByPerson(fresh[0].person_id))
    actions.move_meal(
        uuid.UUID(swapped.answer["event_id"]), to_person_id=fresh[1].person_id, by=by, now=at,
        move_id=uuid.UUID(int=random.getrandbits(128), version=4), reason="拿错卡（示例）",
    )  # fmt: skip
    voided = attempt(ByPerson(fresh[2].person_id))
    actions.void_meal(
        uuid.UUID(voided.answer["event_id"]), void_id=uuid.UUID(int=random.getrandbits(128), version=4),
        reason="误扫（示例）", by=by, now=at,
    )  # fmt: skip
    attempt(ByPerson(fresh[3].person_id), recording=WayOfRecording.PAPER, late_reason="停电，纸质补录（示例）",
            day=day, sitting=Sitting.BREAKFAST)  # fmt: skip
    for _ in range(
        2
    ):  # two counters served one card while offline: one subsidy, one thing to settle
        attempt(ByPerson(fresh[4].person_id), is_fact=True, recording=WayOfRecording.SYNCED)
