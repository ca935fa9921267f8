"""What a counter shows besides the answer: the sitting, the day's count, the last ten."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from canteen import words
from canteen.actions.rulebook import current_rulebook
from canteen.lists import counter as listing
from canteen.lists.counter import Attempt
from canteen.lists.today import day_counts
from canteen.rules import age_on, place, upcoming
from canteen.rules.meals import UNDO_WITHIN
from canteen.values import EventKind, Outcome, Placed, Refusal, Window
from core.clock import service_day
from core.people.models import Person
from core.privacy import mask_name
from core.show import clock_time, money
from core.sites.models import Site


def sitting_now(site: Site, now: datetime) -> Placed | None:
    """The sitting that a scan made now would belong to."""
    book = current_rulebook()
    return place(now, lambda day: book.windows_on(site.id, day))


def sitting_words(site: Site, now: datetime) -> str:
    """The sitting with its hours; or when the next one begins."""
    book = current_rulebook()

    def windows(day: Any) -> tuple[Window, ...]:
        return book.windows_on(site.id, day)

    placed = place(now, windows)
    if placed is not None:
        window = next(one for one in windows(placed.day) if one.sitting is placed.sitting)
        name = f"{words.SITTING[placed.sitting]} {_hours(window)}"
        return _("%(sitting)s (grace)", sitting=name) if placed.in_grace else name
    coming = upcoming(now, windows)
    if coming is None:
        return _("No sitting in the next days")
    day, window = coming
    if day != service_day(now):
        return _("Closed for today")
    return _("Next: %(sitting)s", sitting=f"{words.SITTING[window.sitting]} {_hours(window)}")


def _hours(window: Window) -> str:
    return "–".join(
        f"{minute // 60:02d}:{minute % 60:02d}" for minute in (window.starts_min, window.ends_min)
    )


def counts(site: Site, now: datetime) -> list[dict[str, Any]]:
    """Visits of the day by sitting; `other` are those outside the subsidy."""
    placed = sitting_now(site, now)
    day = placed.day if placed else service_day(now)
    return [
        {"sitting": row.sitting.value, "label": str(words.SITTING[row.sitting]), "served": row.meals,
         "other": row.others, "is_now": placed is not None and row.sitting is placed.sitting}
        for row in day_counts(day, [site.id]).sittings
    ]  # fmt: skip


def recent(site: Site, now: datetime, *, locked: bool, practice: bool) -> list[dict[str, Any]]:
    """The last ten attempts as rows, the latest first; names masked while the PIN is closed."""
    placed = sitting_now(site, now)
    day = placed.day if placed else service_day(now)
    return [
        _row(attempt, now, locked)
        for attempt in listing.last_attempts(day, site.id, practice=practice)
    ]


def _row(attempt: Attempt, now: datetime, locked: bool) -> dict[str, Any]:
    event, name = attempt.event, attempt.name or ""
    is_served = event.kind is EventKind.SERVED
    if event.other_kind is not None:
        name = str(words.OTHER_KIND[event.other_kind])
    elif locked and name:
        name = mask_name(name)
    return {
        "event_id": str(event.id), "state": _state(attempt), "name": name,
        "time": clock_time(event.occurred_at), "at": event.received_at.isoformat(),
        "words": _row_words(attempt), "can_void": is_served and not attempt.is_voided,
        "can_move": is_served and event.other_kind is None and event.person_id is not None,
        "is_fresh": now - event.received_at < UNDO_WITHIN,
    }  # fmt: skip


def _state(attempt: Attempt) -> str:
    if attempt.is_voided:
        return "voided"
    if attempt.event.kind is EventKind.SERVED:
        return "served"
    return "already" if attempt.event.reason == Outcome.ALREADY_SERVED.value else "refused"


def _row_words(attempt: Attempt) -> str:
    event = attempt.event
    if attempt.is_voided:
        return _("Voided")
    if event.kind is EventKind.SERVED:
        way = "" if event.other_kind else f"{words.WAY[event.way]} · "
        return way + _("To pay %(amount)s", amount=money(event.copay_fen))
    if event.reason == Outcome.ALREADY_SERVED.value:
        return _("Already registered")
    return str(words.REFUSAL[Refusal(event.reason or "")])


def found_row(person: Person, home: str, now: datetime) -> dict[str, str]:
    """One person found: masked, with what tells her from her namesakes."""
    age = age_on(person.birth_on, service_day(now))
    about = [home, _("%(age)s years", age=age) if age is not None else ""]
    return {"name": mask_name(person.name), "about": " · ".join(part for part in about if part)}
