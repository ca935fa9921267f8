"""Whether the books are in order: rows that fit their events, prices, adjustments, months, matters."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _

from canteen import words
from canteen.actions.rebuilt import Difference, differences
from canteen.reports.checks.ground import Ground, page_of
from core import show
from core.paths import path_to
from core.reports.checks import Row, finding, months_missing
from core.reports.values import ALL, Finding


def meals_and_events(ground: Ground) -> Finding | None:
    """Meals and sales of the period that are not what their events say."""
    period = ground.built.period
    found = differences(period.first, period.last, site_ids=_sites(ground))
    return finding(
        "meal_differs", _("Meals that do not fit what was recorded at the counter"),
        _("Somebody changed rows of the database, or the program has a fault. Verify the log "
          "(flask audit verify), restore a backup if needed, and report it. Nothing is issued until "
          "they agree."),
        _rows(ground, found), stops=True,
    )  # fmt: skip


def adjustments(ground: Ground) -> Finding | None:
    """Adjustments booked in the period that do not make up for what came to light about their months."""
    data = ground.built.datasets["adjustments"]
    place = data.place("day")
    days = {row[place] for row in data.rows}
    found = differences(days=days, site_ids=_sites(ground)) if days else []
    return finding(
        "adjustment_differs", _("Adjustments that do not add up with their month"),
        _("The submitted month and its adjustments do not come to what was recorded. Verify the log "
          "(flask audit verify) and report it. Nothing is issued until they agree."),
        _rows(ground, found), stops=True,
    )  # fmt: skip


def _sites(ground: Ground) -> list[int] | None:
    return None if ground.built.scope == ALL else list(ground.wanted.sites)


def _rows(ground: Ground, found: Iterable[Difference]) -> list[Row]:
    return [
        (_told(ground, each), page_of(each.event_id) if each.event_id else None) for each in found
    ]


def _told(ground: Ground, difference: Difference) -> str:
    row: Any = difference.stored or difference.rebuilt or {}
    person_id = ground.merged.get(row.get("person_id"), row.get("person_id"))
    parts = [ground.names.get(person_id) or _("no name")] if person_id else []
    if row:
        parts += [show.full_day(row["day"]), str(words.SITTING[row["sitting"]])]
    stored, rebuilt = _amount(difference.stored), _amount(difference.rebuilt)
    return _("%(what)s: stored %(stored)s, recorded %(rebuilt)s",
             what=" · ".join(parts), stored=stored, rebuilt=rebuilt)  # fmt: skip


def _amount(row: Any) -> str:
    if row is None:
        return _("nothing")
    return _("price %(price)s, subsidy %(subsidy)s", price=show.money(row["price_fen"]),
             subsidy=show.money(row.get("subsidy_fen", 0)))  # fmt: skip


def without_price(ground: Ground) -> Finding | None:
    """Meals that no row of the tariff gave a price."""
    rows = [(ground.of_meal(meal), page_of(meal.event_id))
            for meal in ground.meals if not meal.price_tariff]  # fmt: skip
    return finding(
        "unpriced", _("Meals without a price"),
        _("Put a price for that day in force, void the meal, and enter it again from paper."),
        rows, stops=True,
    )  # fmt: skip


def open_matters(ground: Ground) -> Finding | None:
    """What still waits for a human."""
    data = ground.built.datasets["exceptions"]
    event_id, kind, person_id, day, site, state = (
        data.place(name) for name in ("event_id", "kind", "person_id", "day", "site", "state")
    )
    rows = [
        (
            " · ".join(filter(None, (
                data.words["kind"][row[kind]], ground.names.get(row[person_id]),
                show.full_day(row[day]), data.words["site"][row[site]],
            ))),
            path_to("canteen.exception", event_id=row[event_id], kind=row[kind]),
        )
        for row in data.rows
        if row[state] == "open"
    ]  # fmt: skip
    return finding(
        "open_matters", _("Matters that are not clarified"),
        _("Settle each with what was found out. Where that is not possible before the issue, write why."),
        rows,
    )  # fmt: skip


def months_not_issued(ground: Ground) -> Finding | None:
    """Months of a longer period for which no report was issued."""
    return months_missing(ground.built)
