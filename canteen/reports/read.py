"""The rows that the canteen's report is counted from, read with Core: a constant number of queries.

Days are asked for one by one (`day IN (…)`), because the index of meals begins with the day and then
the site: rows of other sites in the same month are not even looked at.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from canteen import words
from canteen.models import (
    CanteenException,
    Diner,
    Meal,
    MealAdjustment,
    MealCategory,
    MealEvent,
    OtherSale,
    Tariff,
)
from canteen.models.meals import LAYER_COLUMNS
from canteen.values import EventKind, FundLayer
from core.clock import Month
from core.db import db
from core.people.models import Person
from core.reports.residents import Communities, days_between
from core.reports.values import ALL, Column, Dataset, Kind, Period
from core.sites.models import Site, SiteKind

LAYERS = tuple(LAYER_COLUMNS.values())
MONEY = ("price_fen", *LAYERS, "subsidy_fen", "copay_fen")


@dataclass(frozen=True)
class Range:
    """What is read: the days of the period, the sites of the scope."""

    period: Period
    sites: Mapping[int, Any]
    days: tuple[date, ...]

    def of(self, column_day: Any, column_site: Any) -> sa.ColumnElement[bool]:
        return sa.and_(column_day.in_(self.days), column_site.in_(list(self.sites)))


def range_of(period: Period, scope: str) -> Range:
    """The sites of a scope, with all days of the period. Raises KeyError for an unknown scope."""
    statement = sa.select(Site.id, Site.slug, Site.name, Site.operator).where(
        Site.kind == SiteKind.CANTEEN
    )
    if scope != ALL:
        statement = statement.where(Site.slug == scope)
    sites = {row.id: row for row in db.session.execute(statement.order_by(Site.id))}
    if not sites and scope != ALL:
        raise KeyError(scope)
    return Range(period, sites, days_between(period.first, period.last))


def _site_words(wanted: Range) -> dict[str, str]:
    return {site.slug: site.name for site in wanted.sites.values()}


def _word(mapping: Mapping[Any, Any]) -> dict[str, str]:
    return {key.value: str(word) for key, word in mapping.items()}


def layer_columns() -> tuple[Column, ...]:
    return tuple(
        Column(LAYER_COLUMNS[layer], str(words.LAYER[layer]), Kind.FEN) for layer in FundLayer
    )


def money_columns() -> tuple[Column, ...]:
    """price, the layers, their sum, co-pay: in fen."""
    return (
        Column("price_fen", _("Meal price"), Kind.FEN), *layer_columns(),
        Column("subsidy_fen", _("Subsidy"), Kind.FEN), Column("copay_fen", _("Co-pay"), Kind.FEN),
    )  # fmt: skip


def categories() -> dict[int, Any]:
    """Every category by id, in the order of the table."""
    statement = sa.select(
        MealCategory.id, MealCategory.code, MealCategory.name, MealCategory.dimension
    ).order_by(MealCategory.position, MealCategory.id)
    return {row.id: row for row in db.session.execute(statement)}


def tariffs() -> dict[int, Any]:
    """Every tariff row by id."""
    statement = sa.select(
        Tariff.id, Tariff.name, Tariff.document_no, Tariff.from_on, Tariff.until_on
    )
    return {row.id: row for row in db.session.execute(statement.order_by(Tariff.id))}


def tariff_words(known: Mapping[int, Any], used: Collection[int]) -> dict[str, str]:
    return {
        str(each): f"{known[each].name} {known[each].document_no}"
        for each in sorted(used)
        if each in known
    }


def meals(
    wanted: Range, people: Mapping[int, int], homes: Communities, kinds: Mapping[int, Any],
    known: Mapping[int, Any],
) -> Dataset:  # fmt: skip
    """The subsidised meals of the period: one row each, as stored."""
    meal: Any = Meal.__table__.c
    statement = sa.select(
        meal.event_id, meal.person_id, meal.day, meal.sitting, meal.site_id, meal.way, meal.recording,
        meal.collected_by, meal.occurred_at, meal.is_late, meal.needs_review, meal.category_id,
        meal.held_categories, meal.age, meal.residence_area_id, meal.tariff_id, meal.price_tariff_id,
        *(meal[name] for name in MONEY),
    ).where(wanted.of(meal.day, meal.site_id))  # fmt: skip
    rows = []
    for (event_id, person_id, day, sitting, site_id, way, recording, collected_by, at, is_late, review,
         category_id, held, age, area_id, tariff_id, price_id, *money) in db.session.execute(statement):  # fmt: skip
        category = kinds.get(category_id)
        rows.append((
            str(event_id), people.get(person_id, person_id), day, sitting.value,
            wanted.sites[site_id].slug, way.value, recording.value, collected_by.value, at,
            int(is_late), int(review), category.code if category else "", tuple(held), age,
            homes.of(area_id), str(tariff_id or ""), str(price_id or ""), *money,
        ))  # fmt: skip
    order = {sitting.value: sitting.position for sitting in words.SITTING}
    rows.sort(key=lambda row: (row[2], order[row[3]], row[8], row[0]))
    used = {row[15] for row in rows} | {row[16] for row in rows}
    names = {row.code: row.name for row in kinds.values()}
    yes_no = {"0": _("no"), "1": _("yes")}
    return Dataset(
        "meals", _("Subsidised meals"),
        (
            Column("event_id", _("Record"), Kind.ID), Column("person_id", _("Name"), Kind.PERSON),
            Column("day", _("Date"), Kind.DAY), Column("sitting", _("Sitting")),
            Column("site", _("Canteen")), Column("way", _("Way of eating")),
            Column("recording", _("Way of recording")), Column("collected_by", _("Collected by")),
            Column("occurred_at", _("Registered at"), Kind.MOMENT), Column("is_late", _("Entered late"), Kind.NUMBER),
            Column("needs_review", _("Eligibility to review"), Kind.NUMBER), Column("category", _("Priced category")),
            Column("held", _("Categories held"), Kind.SET), Column("age", _("Age"), Kind.NUMBER),
            Column("community", _("Community")), Column("tariff", _("Tariff")),
            Column("price_tariff", ""), *money_columns(),
        ),
        tuple(rows),
        {
            "sitting": _word(words.SITTING), "site": _site_words(wanted), "way": _word(words.WAY),
            "recording": _word(words.RECORDING), "collected_by": _word(words.COLLECTOR),
            "category": {"": "—", **names}, "held": names, "community": dict(homes.names),
            "tariff": tariff_words(known, {int(each) for each in used if each}),
            "is_late": yes_no, "needs_review": yes_no,
        },
    )  # fmt: skip


def others(wanted: Range, people: Mapping[int, int]) -> Dataset:
    """Meals outside the subsidy: visits only."""
    sale: Any = OtherSale.__table__.c
    statement = (
        sa.select(sale.id, sale.kind, sale.host_id, sale.day, sale.sitting, sale.site_id, sale.way,
                  sale.occurred_at, sale.price_fen)
        .where(wanted.of(sale.day, sale.site_id))
        .order_by(sale.day, sale.occurred_at, sale.id)
    )  # fmt: skip
    rows = tuple(
        (str(row.id), row.kind.value, people.get(row.host_id, row.host_id), row.day,
         row.sitting.value, wanted.sites[row.site_id].slug, row.way.value, row.occurred_at, row.price_fen)
        for row in db.session.execute(statement)
    )  # fmt: skip
    columns = (
        Column("event_id", _("Record"), Kind.ID), Column("kind", _("Kind")),
        Column("host_id", _("Together with"), Kind.PERSON), Column("day", _("Date"), Kind.DAY),
        Column("sitting", _("Sitting")), Column("site", _("Canteen")), Column("way", _("Way of eating")),
        Column("occurred_at", _("Registered at"), Kind.MOMENT),
        Column("price_fen", _("Meal price"), Kind.FEN),
    )  # fmt: skip
    return Dataset("others", _("Meals outside the subsidy"), columns, rows, {
        "kind": _word(words.OTHER_KIND), "sitting": _word(words.SITTING), "way": _word(words.WAY),
        "site": _site_words(wanted),
    })  # fmt: skip


def adjustments(wanted: Range, people: Mapping[int, int]) -> Dataset:
    """What late facts changed about submitted months, booked in this period."""
    row: Any = MealAdjustment.__table__.c
    months = [str(month) for month in wanted.period.months()]
    statement = (
        sa.select(MealAdjustment.__table__)
        .where(row.booked_month.in_(months), row.site_id.in_(list(wanted.sites)))
        .order_by(row.of_month, row.day, row.booked_at, row.event_id)
    )
    rows = tuple(
        (str(each.event_id), people.get(each.person_id, each.person_id), each.of_month,
         each.booked_month, each.day, each.sitting.value, wanted.sites[each.site_id].slug,
         each.other_kind.value if each.other_kind else "", str(words.LATE.get(each.reason, each.reason)),
         each.booked_at, each.booked_by,
         each.visits, *(getattr(each, name) for name in MONEY))
        for each in db.session.execute(statement)
    )  # fmt: skip
    columns = (
        Column("event_id", _("Record"), Kind.ID), Column("person_id", _("Name"), Kind.PERSON),
        Column("of_month", _("Of the month")), Column("booked_month", _("Booked in")),
        Column("day", _("Date"), Kind.DAY), Column("sitting", _("Sitting")),
        Column("site", _("Canteen")), Column("kind", _("Kind")), Column("reason", _("Reason")),
        Column("booked_at", _("Booked at"), Kind.MOMENT), Column("booked_by", _("Booked by")),
        Column("visits", _("Visits"), Kind.NUMBER), *money_columns(),
    )  # fmt: skip
    return Dataset("adjustments", _("Adjustments of earlier months"), columns, rows, {
        "sitting": _word(words.SITTING), "site": _site_words(wanted),
        "kind": {"": _("subsidised meal"), **_word(words.OTHER_KIND)},
    })  # fmt: skip


def months(wanted: Range, people: Mapping[int, int]) -> Dataset:
    """Each person's meals month by month, from the year's beginning or the period before this one."""
    period = wanted.period
    first = min(period.previous().first, date(period.last.year, 1, 1))
    meal: Any = Meal.__table__.c
    year, month = sa.extract("year", meal.day), sa.extract("month", meal.day)
    statement = sa.select(
        year.label("year"), month.label("month"), meal.person_id, sa.func.count().label("visits"),
        *(sa.func.sum(meal[name]).label(name) for name in ("price_fen", "subsidy_fen", "copay_fen")),
    ).where(
        meal.day.in_(days_between(first, period.last)), meal.site_id.in_(list(wanted.sites))
    ).group_by(year, month, meal.person_id)  # fmt: skip
    rows = sorted(
        (str(Month(int(row.year), int(row.month))), people.get(row.person_id, row.person_id),
         int(row.visits), int(row.price_fen), int(row.subsidy_fen), int(row.copay_fen))
        for row in db.session.execute(statement)
    )  # fmt: skip
    columns = (
        Column("month", _("Month")), Column("person_id", _("Name"), Kind.PERSON),
        Column("visits", _("Visits"), Kind.NUMBER), Column("price_fen", _("Meal price"), Kind.FEN),
        Column("subsidy_fen", _("Subsidy"), Kind.FEN), Column("copay_fen", _("Co-pay"), Kind.FEN),
    )  # fmt: skip
    return Dataset("months", _("Meals by person and month"), columns, tuple(rows))


def earlier(wanted: Range, people: Mapping[int, int]) -> Dataset:
    """What stands beside the meals by month and site: adjustments by person, other sales together.

    By person, because what concerns a few people only is not for the notice board.
    """
    period = wanted.period
    first = min(period.previous().first, date(period.last.year, 1, 1))
    booked: Any = MealAdjustment.__table__.c
    sale: Any = OtherSale.__table__.c
    span = []
    month = Month.of(first)
    while month <= period.last_month:
        span.append(str(month))
        month = month.next()
    sites = list(wanted.sites)
    changes = db.session.execute(
        sa.select(
            booked.booked_month, booked.site_id, booked.person_id, sa.func.sum(booked.subsidy_fen)
        )
        .where(booked.booked_month.in_(span), booked.site_id.in_(sites))
        .group_by(booked.booked_month, booked.site_id, booked.person_id)
    ).tuples()
    year, number = sa.extract("year", sale.day), sa.extract("month", sale.day)
    sales = db.session.execute(
        sa.select(year, number, sale.site_id, sa.func.count())
        .where(sale.day.in_(days_between(first, period.last)), sale.site_id.in_(sites))
        .group_by(year, number, sale.site_id)
    ).tuples()
    slug = {site_id: site.slug for site_id, site in wanted.sites.items()}
    rows = [
        *((when, slug[site_id], "adjustment", people.get(person_id, person_id), 0, int(fen))
          for when, site_id, person_id, fen in changes),
        *((str(Month(int(y), int(m))), slug[site_id], "other", None, int(count), 0)
          for y, m, site_id, count in sales),
    ]  # fmt: skip
    columns = (
        Column("month", _("Month")), Column("site", _("Canteen")), Column("kind", _("Kind")),
        Column("person_id", _("Name"), Kind.PERSON), Column("visits", _("Visits"), Kind.NUMBER),
        Column("subsidy_fen", _("Subsidy"), Kind.FEN),
    )  # fmt: skip
    kinds = {
        "adjustment": _("Adjustments of earlier months"),
        "other": _("Meals outside the subsidy"),
    }
    rows.sort(key=lambda row: (row[:3], row[3] or 0))
    return Dataset("earlier", _("Beside the meals, by month"), columns, tuple(rows),
                   {"site": _site_words(wanted), "kind": kinds})  # fmt: skip


def events(wanted: Range, people: Mapping[int, int]) -> Dataset:
    """Voids and refusals of the period."""
    event: Any = MealEvent.__table__.c
    statement = (
        sa.select(event.id, event.kind, event.reason, event.note, event.voids_id, event.person_id,
                  event.day, event.sitting, event.site_id, event.received_at)
        .where(
            wanted.of(event.day, event.site_id), event.is_practice.is_(sa.false()),
            event.kind.in_([EventKind.VOIDED, EventKind.REFUSED]),
        )
        .order_by(event.day, event.received_at, event.id)
    )  # fmt: skip
    rows = tuple(
        (str(row.voids_id or row.id), row.kind.value, row.reason or "", row.note or "",
         people.get(row.person_id, row.person_id), row.day, row.sitting.value if row.sitting else "",
         wanted.sites[row.site_id].slug, row.received_at)
        for row in db.session.execute(statement)
    )  # fmt: skip
    columns = (
        Column("event_id", _("Record"), Kind.ID), Column("kind", _("Result")),
        Column("reason", _("Reason")), Column("note", _("Note")),
        Column("person_id", _("Name"), Kind.PERSON), Column("day", _("Date"), Kind.DAY),
        Column("sitting", _("Sitting")), Column("site", _("Canteen")),
        Column("received_at", _("Recorded at"), Kind.MOMENT),
    )  # fmt: skip
    reasons = {"": "—", "already_served": _("Already served"), **_word(words.REFUSAL)}
    return Dataset("events", _("Voids and refusals"), columns, rows, {
        "kind": {"voided": _("Voided"), "refused": _("Not registered")}, "reason": reasons,
        "sitting": {"": "—", **_word(words.SITTING)}, "site": _site_words(wanted),
    })  # fmt: skip


def exceptions(wanted: Range, people: Mapping[int, int]) -> Dataset:
    """What a machine could not decide in the period, settled or not."""
    row: Any = CanteenException.__table__.c
    statement = (
        sa.select(CanteenException.__table__)
        .where(wanted.of(row.day, row.site_id))
        .order_by(row.day, row.opened_at, row.event_id, row.kind)
    )
    rows = tuple(
        (str(each.event_id), each.kind.value, people.get(each.person_id, each.person_id), each.day,
         wanted.sites[each.site_id].slug, "settled" if each.settled_at else "open", each.opened_at,
         each.finding or "")
        for each in db.session.execute(statement)
    )  # fmt: skip
    columns = (
        Column("event_id", _("Record"), Kind.ID), Column("kind", _("What it is")),
        Column("person_id", _("Name"), Kind.PERSON), Column("day", _("Date"), Kind.DAY),
        Column("site", _("Canteen")), Column("state", _("State")),
        Column("opened_at", _("Opened at"), Kind.MOMENT), Column("finding", _("Finding")),
    )  # fmt: skip
    return Dataset("exceptions", _("To be clarified"), columns, rows, {
        "kind": _word(words.EXCEPTION), "state": {"open": _("Open"), "settled": _("Settled")},
        "site": _site_words(wanted),
    })  # fmt: skip


def diners(wanted: Range, people: Mapping[int, int], homes: Communities) -> Dataset:
    """Who is enrolled at a site of the scope on the last day of the period."""
    last = wanted.period.last
    statement = (
        sa.select(Diner.person_id, Diner.home_site_id, Diner.enrolled_on, Person.residence_area_id)
        .join(Person, Person.id == Diner.person_id)
        .where(
            Diner.home_site_id.in_(list(wanted.sites)), Diner.enrolled_on <= last,
            sa.or_(Diner.ended_on.is_(None), Diner.ended_on >= last),
            Person.is_practice.is_(sa.false()), Person.merged_into_id.is_(None),
        )
        .order_by(Person.pinyin, Person.id)
    )  # fmt: skip
    rows = tuple(
        (row.person_id, wanted.sites[row.home_site_id].slug, row.enrolled_on,
         homes.of(row.residence_area_id))
        for row in db.session.execute(statement)
    )  # fmt: skip
    columns = (
        Column("person_id", _("Name"), Kind.PERSON), Column("site", _("Canteen")),
        Column("enrolled_on", _("Enrolled on"), Kind.DAY), Column("community", _("Community")),
    )  # fmt: skip
    return Dataset("diners", _("Enrolled diners"), columns, rows,
                   {"site": _site_words(wanted), "community": dict(homes.names)})  # fmt: skip
