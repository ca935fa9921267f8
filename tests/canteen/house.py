"""A small canteen for tests: one site, the usual categories, a first tariff, diners with cards."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from canteen import actions
from canteen.actions import ByCode, Scan, TariffDraft
from canteen.reports.build import build as build_report
from canteen.values import (
    Condition,
    Fact,
    FundLayer,
    LayerRule,
    Limit,
    Operator,
    PriceKind,
    Sitting,
    TariffKind,
)
from core.access import SYSTEM, Actor
from core.accounts.models import User
from core.db import new_id, transaction
from core.people.card_code import hash_code, make_code
from core.people.models import Card, CardCode, CardState, Person, Sex
from core.privacy import secret
from core.reports.models import IssuedReport, Report
from core.reports.months import close_month
from core.reports.snapshot import digest, pack
from core.reports.values import Period, ReportState
from core.sites.models import Area, AreaLevel, Site, SiteKind

FIRST = date(2026, 1, 1)
FIRST_AT = datetime(2026, 1, 1, tzinfo=UTC)
CLERK = Actor("经办人甲", roles=SYSTEM.roles, site_ids=None)
PRICES = {Sitting.BREAKFAST: 600, Sitting.LUNCH: 1200, Sitting.DINNER: 1000}


@dataclass
class House:
    """Ids of what `build` made."""

    site_id: int
    second_site_id: int
    categories: dict[str, int]
    inside_id: int
    outside_id: int
    now: datetime
    people: list[int] = field(default_factory=list)


def build(now: datetime) -> House:
    """Two sites, areas, categories, and a tariff: ¥6/12/10; 低保 ¥5+¥3, 高龄 a quarter up to ¥3."""
    with transaction() as session:
        street = Area(code="01", name="示例街道", level=AreaLevel.STREET)
        outside = Area(code="99", name="街道外", level=AreaLevel.OUTSIDE)
        session.add_all([street, outside])
        session.flush()
        community = Area(
            code="01.03", name="示例社区", level=AreaLevel.COMMUNITY, parent_id=street.id
        )
        sites = [
            Site(slug=slug, name=name, kind=SiteKind.CANTEEN, operator="示例运营")
            for slug, name in (("one", "第一食堂"), ("two", "第二食堂"))
        ]
        session.add_all([community, *sites])
        session.flush()
        ids = sites[0].id, sites[1].id, community.id, outside.id
    categories = actions.ensure_categories(by=CLERK, now=now)
    house = House(
        ids[0], ids[1], {code: row.id for code, row in categories.items()}, ids[2], ids[3], now
    )
    for sitting, fen in PRICES.items():
        price(house, sitting, fen)
    subsidy(house, "low", ["minimum_living", "destitute"], [
        LayerRule(FundLayer.CITY, fixed_fen=500), LayerRule(FundLayer.STREET, fixed_fen=300),
    ])  # fmt: skip
    subsidy(house, "aged", ["aged"], [LayerRule(FundLayer.DISTRICT, share_bp=2500, cap_fen=300)])
    return house


def price(house: House, sitting: Sitting, fen: int, from_on: date = FIRST) -> int:
    """Put a price in force; returns its number."""
    draft = TariffDraft(
        series=f"price-{sitting.value}", kind=TariffKind.PRICE, name=f"{sitting.value} price",
        document_no="示例〔2026〕1号", from_on=from_on, price_kind=PriceKind.FIXED, price_fen=fen,
        conditions=[Condition(Fact.SITTING, Operator.IN, (sitting.value,))],
    )  # fmt: skip
    return in_force(house, draft)


def subsidy(
    house: House,
    series: str,
    categories: list[str],
    layers: list[LayerRule],
    limits: list[Limit] | None = None,
    from_on: date = FIRST,
    priority: int = 100,
) -> int:
    """Put a subsidy of some categories in force; returns its number."""
    conditions = [Condition(Fact.CATEGORY, Operator.IN, tuple(categories))] if categories else []
    draft = TariffDraft(
        series=series, kind=TariffKind.SUBSIDY, name=series, document_no="示例〔2026〕2号",
        from_on=from_on, priority=priority, conditions=conditions, layers=layers, limits=limits or [],
    )  # fmt: skip
    return in_force(house, draft)


def in_force(house: House, draft: TariffDraft) -> int:
    row = actions.draft_tariff(draft, by=CLERK, now=house.now)
    return actions.put_tariff_in_force(row.id, by=CLERK, now=house.now).id


def diner(
    house: House,
    category: str | None = "general",
    *,
    birth_on: date = date(1950, 5, 1),
    until_on: date | None = None,
    practice: bool = False,
) -> int:
    """An enrolled person with a card (serial 1) and an approved eligibility; returns her id."""
    person_id = person(house, birth_on=birth_on, practice=practice)
    actions.enrol_diner(person_id, home_site_id=house.site_id, on=FIRST, by=CLERK, now=house.now)
    if category:
        paper = actions.propose_eligibility(
            person_id, house.categories[category], from_on=FIRST, until_on=until_on,
            evidence="证件已核", by=CLERK, now=house.now,
        )  # fmt: skip
        actions.approve_eligibility(person_id, paper.id, by=CLERK, now=house.now)
    return person_id


def person(house: House, *, birth_on: date = date(1950, 5, 1), practice: bool = False) -> int:
    """A person with a card but no enrolment."""
    with transaction() as session:
        row = Person(
            name="王秀华", pinyin="wang xiu hua", sex=Sex.FEMALE, birth_on=birth_on,
            residence_area_id=house.inside_id, registration_area_id=house.inside_id,
            is_practice=practice, created_at=house.now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        person_id = row.id
        issue_card(session, person_id, 1, house.now)
    house.people.append(person_id)
    return person_id


def issue_card(session: object, person_id: int, serial: int, now: datetime) -> None:
    session.add(Card(person_id=person_id, serial=serial, state=CardState.ACTIVE, issued_at=now))  # type: ignore[attr-defined]
    session.add(CardCode(code_hash=hash_code(secret("card-hash"), code(person_id, serial)),  # type: ignore[attr-defined]
                         person_id=person_id, serial=serial))  # fmt: skip


def replace_card(person_id: int, now: datetime) -> None:
    """End card 1 and issue card 2, as the people's verb does."""
    with transaction() as session:
        old = session.get_one(Card, (person_id, 1))
        old.state, old.ended_at, old.end_reason = CardState.REPLACED, now, "卡丢失"
        session.flush()
        issue_card(session, person_id, 2, now)


def code(person_id: int, serial: int = 1) -> str:
    return make_code(secret("card-code"), person_id, serial)


def scan(house: House, person_id: int, at: datetime | None = None, **more: object) -> Scan:
    """A scan of her first card, now."""
    values: dict[str, object] = {
        "id": new_id(), "who": ByCode(code(person_id)) if person_id else None, "site_id": house.site_id,
        "scanned_at": at or house.now, **more,
    }  # fmt: skip
    return Scan(**values)  # type: ignore[arg-type]


def submit(month: str, scope: str = "all", state: ReportState = ReportState.SUBMITTED) -> None:
    """Close a month for a site's slug or all, as if its report had gone the whole way."""
    with transaction() as session:
        session.add(Report(
            name="canteen", scope=scope, period=month, state=state, reviewed_digest="0" * 64,
            reviewed_by_id=reviewer_id(session),
            created_at=FIRST_AT, changed_at=FIRST_AT,
        ))  # fmt: skip


def issue(period: str, scope: str = "all", *, now: datetime) -> UUID:
    """Count a period and keep it as an issued and signed report; returns its id."""
    built = build_report(Period.parse(period), scope, now)
    with transaction() as session:
        report = Report(
            name="canteen", scope=scope, period=period, state=ReportState.SIGNED,
            reviewed_digest=digest(built), reviewed_by_id=reviewer_id(session), created_at=now,
            changed_at=now,
        )  # fmt: skip
        session.add(report)
        session.flush()
        session.add(IssuedReport(
            id=report.id, name="canteen", scope=scope, period=period, revision=1, token=report.id.hex,
            headline=[], rules=list(built.rules), digest=digest(built), audit_links=0,
            audit_head="0" * 64, issued_at=now, issued_by="经办人甲", reviewed_by="审核人乙",
            content=pack(built),
        ))  # fmt: skip
        return report.id


def reviewer_id(session: Session) -> int:
    """Whoever reviewed; an account that nobody can sign in with."""
    user = session.scalar(sa.select(User).where(User.name == "shenhe"))
    if user is None:
        user = User(name="shenhe", display_name="审核人乙", password_hash="-", created_at=FIRST_AT)
        session.add(user)
        session.flush()
    return user.id


def hand_in(report_id: UUID, now: datetime) -> None:
    """Submit an issued report as the verb does. Raises RuleError month_not_over, report_outdated."""
    with transaction() as session:
        report = session.get_one(Report, report_id)
        close_month(session, report, now)
        report.state = ReportState.SUBMITTED


def later(moment: datetime, **by: float) -> datetime:
    return moment + timedelta(**by)


def uid(number: int) -> UUID:
    """A small id that sorts as its number."""
    return UUID(int=number)
