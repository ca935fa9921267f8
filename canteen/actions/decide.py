"""The reading half of a scan: who it is, which sitting, what the rules say. Writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from canteen import rules
from canteen.actions import statements as sql
from canteen.actions.rulebook import RuleBook, rulebook
from canteen.actions.scan import ByCard, ByCode, Need, Scan, Seen
from canteen.rules import Admitted, Case, Paper, admit, held_categories, place, upcoming
from canteen.values import (
    DINER,
    GENERAL,
    Category,
    Collector,
    Fact,
    OtherKind,
    PastMeal,
    Placed,
    Priced,
    Refusal,
    Sitting,
    WayOfEating,
    WayOfRecording,
    Window,
)
from core.clock import local, service_day
from core.errors import RuleError
from core.people.models import CardState, StandingKind
from core.writer import reader

_CARD_REFUSALS = {
    CardState.REPLACED: Refusal.CARD_REPLACED,
    CardState.REVOKED: Refusal.CARD_REVOKED,
}
_STANDING_REFUSALS = {
    StandingKind.MOVED_AWAY: Refusal.MOVED_AWAY,
    StandingKind.CARE_HOME: Refusal.CARE_HOME,
    StandingKind.HOSPITAL: Refusal.HOSPITAL,
    StandingKind.DECEASED: Refusal.DECEASED,
}


@dataclass(frozen=True, slots=True)
class Served:
    """A meal of this triple that is already stored."""

    event_id: UUID
    site_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """The person in question, and what a meal keeps of her."""

    seen: Seen
    age: int | None
    categories: tuple[Category, ...]
    residence_area_id: int | None
    registration_area_id: int | None
    serial: int | None
    needs_review: bool
    is_enrolled: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything the writing half needs. `placed` is never missing for a fact or a late entry."""

    book: RuleBook
    scan: Scan
    subject: Subject | None
    placed: Placed | None
    day: date
    way: WayOfEating
    admitted: Admitted
    is_late: bool
    details: Mapping[str, Any]
    already: Served | None = None
    host_id: int | None = None

    @property
    def person_id(self) -> int | None:
        return self.subject.seen.person_id if self.subject else None

    @property
    def is_practice(self) -> bool:
        return self.scan.practice or bool(self.subject and self.subject.seen.is_practice)

    def price(self, past: tuple[PastMeal, ...] | None = ()) -> Priced:
        """Price the meal by the rules. past: None when her meals were not counted.

        Raises RuleError no_price, price_needed; PastNeeded when a limit wants them counted.
        """
        scan, book, subject = self.scan, self.book, self.subject
        assert self.placed is not None
        facts = facts_of(
            book, self.placed, scan.site_id, self.way, scan.other, scan.set_meal, subject
        )
        own = subject is not None and scan.other is None
        categories = subject.categories if own and subject else general_only(book)
        if past is None and scan.price_fen is None:
            return book.prices.of(facts, categories, self.placed.day)
        return rules.price_meal(
            book.tariffs, facts, categories,
            day=self.placed.day, past=past, series_of=book.series_of,
            typed_fen=scan.price_fen, highest_wins=book.highest_wins,
        )  # fmt: skip


def facts_of(
    book: RuleBook,
    placed: Placed,
    site_id: int,
    way: WayOfEating,
    other: OtherKind | None,
    set_meal: str | None,
    subject: Subject | None,
) -> dict[Fact, str | int | None]:
    """What the conditions of the tariff may look at, for one meal."""
    facts: dict[Fact, str | int | None] = {
        Fact.SITTING: placed.sitting.value,
        Fact.DAY_TYPE: book.day_type(site_id, placed.day).value,
        Fact.WEEKDAY: placed.day.isoweekday(),
        Fact.SITE: book.sites[site_id].slug,
        Fact.WAY: way.value,
        Fact.SALE: other.value if other else DINER,
        Fact.SET_MEAL: set_meal,
    }
    if subject is not None and other is None:
        facts[Fact.AGE] = subject.age
        facts[Fact.RESIDENCE] = book.area_paths.get(subject.residence_area_id or 0)
        facts[Fact.REGISTRATION] = book.area_paths.get(subject.registration_area_id or 0)
    return facts


def general_only(book: RuleBook) -> tuple[Category, ...]:
    return tuple(category for category in book.categories if category.code == GENERAL)


def decide(scan: Scan, now: datetime, connection: sa.Connection | None = None) -> Decision:
    """Read what is needed and decide. `connection`: of a transaction that wants to read along.

    Raises RuleError late_reason_needed, paper_in_future, no_such_site.
    """
    if scan.recording is WayOfRecording.PAPER:
        if not scan.late_reason:
            raise RuleError("late_reason_needed")
        # No clock is doubted here: the day was written by hand, so a slip of it must not be served.
        if (scan.day or service_day(scan.at)) > service_day(now):
            raise RuleError("paper_in_future")
    if connection is not None:
        return _decide(scan, now, connection)
    with reader() as own:
        return _decide(scan, now, own)


def _decide(scan: Scan, now: datetime, connection: sa.Connection) -> Decision:
    found = _look_up(scan, connection)
    book = rulebook()
    while True:
        if scan.site_id not in book.sites:
            book = rulebook(sql.VERSION.rows(connection)[0].version)
            if scan.site_id not in book.sites:
                raise RuleError("no_such_site")
        placed, in_sitting = _place(scan, book)
        day = placed.day if placed else scan.day or service_day(scan.at)
        if found is None:
            version = sql.VERSION.rows(connection)[0].version
            rows: list[Any] = []
        else:
            rows = _read_person(connection, book, found, day, placed.sitting if placed else None)
            version = rows[0].version if rows else book.version
        if version == book.version:
            break
        book = rulebook(version)
    if scan.other is not None:
        host_id = scan.host_id or (found[0] if found else None)
        return _for_other(scan, book, placed, in_sitting, day, now, host_id)
    if not rows:
        refusal = Admitted(Refusal.UNKNOWN_CARD)
        return Decision(
            book, scan, None, placed, day, _way(scan, None), refusal, not in_sitting, {}
        )
    return _for_person(scan, now, book, rows, placed, in_sitting, day,
                       found[1] if found else None)  # fmt: skip


def _look_up(scan: Scan, connection: sa.Connection) -> tuple[int, int | None] | None:
    """Person and card serial; None when nobody is meant or known."""
    if isinstance(scan.who, ByCode):
        row = sql.BY_CODE.first(connection, code_hash=scan.who.index)
        return (row.person_id, row.serial) if row else None
    if isinstance(scan.who, ByCard):
        return scan.who.person_id, scan.who.serial
    return (scan.who.person_id, None) if scan.who else None


def _read_person(
    connection: sa.Connection,
    book: RuleBook,
    found: tuple[int, int | None],
    day: date,
    sitting: Sitting | None,
) -> list[Any]:
    return sql.PERSON.rows(
        connection, person_id=found[0], serial=found[1], on_day=day, sitting=sitting,
        grace_from=day - timedelta(days=book.eligibility_grace_days),
    )  # fmt: skip


def _place(scan: Scan, book: RuleBook) -> tuple[Placed | None, bool]:
    """The sitting this scan belongs to, and whether the rules put it there by themselves."""

    def windows_of(day: date) -> tuple[Window, ...]:
        return book.windows_on(scan.site_id, day)

    placed = place(scan.at, windows_of)
    if placed and (scan.sitting, scan.day) in (
        (None, None), (placed.sitting, None), (placed.sitting, placed.day), (None, placed.day),
    ):  # fmt: skip
        return placed, True
    if not (scan.late_reason or scan.is_fact):
        return None, False
    day = scan.day or service_day(scan.at)
    return Placed(day, scan.sitting or _nearest(scan.at, windows_of(day))), False


def _nearest(moment: datetime, windows: tuple[Window, ...]) -> Sitting:
    wall = local(moment)
    minute = wall.hour * 60 + wall.minute
    return min(
        windows or rules.DEFAULT_WINDOWS,
        key=lambda window: max(window.starts_min - minute, minute - window.ends_min, 0),
    ).sitting


def _way(scan: Scan, usual: WayOfEating | None) -> WayOfEating:
    """What staff chose; else what follows from who took it, or her habit where it fits a counter."""
    if scan.way is not None:
        return scan.way
    if scan.collected_by is not Collector.SELF:
        return WayOfEating.COLLECTED
    return WayOfEating.TAKE_AWAY if usual is WayOfEating.TAKE_AWAY else WayOfEating.DINE_IN


def _is_clock_suspect(scan: Scan, now: datetime, book: RuleBook) -> bool:
    if scan.recording is WayOfRecording.PAPER or scan.is_moved:
        return False
    ahead = scan.at - now
    return ahead > timedelta(seconds=book.clock_suspect_s) or ahead < -timedelta(
        days=book.scan_max_age_days
    )


def _for_other(
    scan: Scan,
    book: RuleBook,
    placed: Placed | None,
    in_sitting: bool,
    day: date,
    now: datetime,
    host_id: int | None,
) -> Decision:
    refusal = None
    if _is_clock_suspect(scan, now, book):
        refusal = Refusal.CLOCK_SUSPECT
    elif placed is None:
        is_open = book.is_open(scan.site_id, day)
        refusal = Refusal.OUTSIDE_SITTING if is_open else Refusal.CLOSED_DAY
    details = _next_sitting(scan, book) if refusal else {}
    return Decision(
        book, scan, None, placed, day, _way(scan, None), Admitted(refusal), not in_sitting, details,
        host_id=host_id,
    )  # fmt: skip


def _for_person(
    scan: Scan,
    now: datetime,
    book: RuleBook,
    rows: list[Any],
    placed: Placed | None,
    in_sitting: bool,
    day: date,
    serial: int | None,
) -> Decision:
    row = rows[0]
    age = rules.age_on(row.birth_on, day, from_next_month=book.age_from_next_month)
    papers = {
        each.paper_id: Paper(
            book.category_by_id[each.category_id], each.paper_from, each.paper_until
        )
        for each in rows
        if each.paper_id is not None and each.category_id in book.category_by_id
    }
    held = held_categories(
        papers.values(), book.categories, age=age, day=day, grace_days=book.eligibility_grace_days
    )
    needs = {each.need_id: Need(each.need_kind, each.need_detail) for each in rows if each.need_id}
    seen = Seen(
        row.id,
        row.name,
        row.sex,
        row.address_as,
        row.household_id,
        row.is_practice,
        row.pause_id,
        tuple(sorted(needs.values(), key=lambda need: (not need.kind.blocks, need.kind))),
    )
    is_enrolled = row.diner_id is not None and row.enrolled_on <= day and (
        row.ended_on is None or day <= row.ended_on
    )  # fmt: skip
    standing = row.standing if day >= service_day(now) else _standing_on(rows)
    admitted = admit(Case(
        card=_card_refusal(scan, row.card_state, serial),
        standing=_STANDING_REFUSALS.get(standing),
        is_suspended=row.suspension_id is not None,
        # Found before the merge: she eats under the record that stays, or she could eat twice.
        is_enrolled=is_enrolled and row.merged_into_id is None,
        held=held,
        is_open_day=in_sitting or book.is_open(scan.site_id, day),
        in_sitting=placed is not None,
        has_late_reason=bool(scan.late_reason),
        is_clock_suspect=_is_clock_suspect(scan, now, book),
        is_paused=row.pause_id is not None,
        in_grace=bool(placed and placed.in_grace),
        needs=frozenset(need.kind for need in needs.values()),
        is_acknowledged=scan.acknowledged,
    ))  # fmt: skip
    subject = Subject(
        seen,
        age,
        held.categories,
        row.residence_area_id,
        row.registration_area_id,
        serial,
        held.needs_review,
        is_enrolled,
    )
    already = (
        Served(row.meal_event_id, row.meal_site_id, row.meal_at) if row.meal_event_id else None
    )
    return Decision(
        book, scan, subject, placed, day, _way(scan, row.usual_way), admitted, not in_sitting,
        _details(scan, book, row, seen, held, admitted.refusal), already,
    )  # fmt: skip


def _card_refusal(scan: Scan, state: CardState | None, serial: int | None) -> Refusal | None:
    if serial is None:
        return None
    return Refusal.UNKNOWN_CARD if state is None else _CARD_REFUSALS.get(state)


def _standing_on(rows: list[Any]) -> StandingKind:
    """Where she stood on a past day: paper may come in after she moved away, or came back."""
    stood = [
        (row.standing_since, row.standing_id, row.standing_on) for row in rows if row.standing_id
    ]
    return max(stood)[2] if stood else StandingKind.REGISTERED


def _details(
    scan: Scan, book: RuleBook, row: Any, seen: Seen, held: rules.Held, refusal: Refusal | None
) -> dict[str, Any]:
    """What a refusal says besides its code. Kinds of need, never their wording."""
    if refusal is Refusal.DIET_BLOCK:
        return {"needs": [need.kind.value for need in seen.needs if need.kind.blocks]}
    if refusal is Refusal.SUSPENDED and row.suspended_until is not None:
        return {"until": row.suspended_until.isoformat()}
    if refusal in (Refusal.OUTSIDE_SITTING, Refusal.CLOSED_DAY):
        return _next_sitting(scan, book)
    if refusal is None and held.expired_on is not None:
        return {"expired_on": held.expired_on.isoformat()}
    return {}


def _next_sitting(scan: Scan, book: RuleBook) -> dict[str, Any]:
    found = upcoming(scan.at, lambda day: book.windows_on(scan.site_id, day))
    if found is None:
        return {}
    day, window = found
    return {"next": {
        "day": day.isoformat(), "sitting": window.sitting.value, "starts_min": window.starts_min,
    }}  # fmt: skip
