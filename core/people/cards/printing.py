"""Whose cards are printed, and the job that prints them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload, load_only

from core import audit, clock
from core.access import Actor
from core.clock import service_day
from core.db import db, transaction
from core.errors import RuleError, Text, describe
from core.jobs import File, Note, Run, task
from core.people.cards import sheets
from core.people.cards.actions import (
    code_of,
    has_active_card,
    issue_missing,
    mark_printed,
    may_have_card,
)
from core.people.cards.words import wording
from core.people.models import Card, CardState, Person
from core.reports.pdf import PdfUnavailable
from core.sites.models import Area

describe({
    "cards_none_chosen": Text(_l("Nobody is chosen, so there is nothing to print."), 422),
    "cards_no_pdf": Text(_l(
        "This computer can't make PDFs: Pango is missing. The cards are issued; install it as "
        "“flask doctor” says and print again."
    ), 503),
    "cards_need_pen": Text(_l(
        "These names have a character that the printer's font lacks. Write it into the box by "
        "hand: %(names)s"
    )),
})  # fmt: skip

JOB = "cards.sheets"
PDF = "application/pdf"


class Scope(StrEnum):
    """Whose cards to print."""

    MISSING = "missing"
    UNPRINTED = "unprinted"
    AREA = "area"
    EVERYBODY = "everybody"
    PRACTICE = "practice"
    PEOPLE = "people"


@dataclass(frozen=True)
class Choice:
    """The people of a scope, in the order of the sheets, and what awaits them."""

    person_ids: list[int]
    without_card: int
    printed_before: int


def choose(scope: Scope, *, area_id: int | None = None, person_ids: Sequence[int] = ()) -> Choice:
    """Who is in a scope: in the order of areas, then of names, so that sheets can be handed out.

    area_id: with AREA, the area and everything below it. person_ids: with PEOPLE.
    """
    card = sa.orm.aliased(Card)
    query = (
        sa.select(Person.id, card.serial, card.printed_at)
        .outerjoin(card, sa.and_(card.person_id == Person.id, card.state == CardState.ACTIVE))
        .outerjoin(Area, Area.id == Person.residence_area_id)
        .where(may_have_card(), Person.is_practice.is_(scope is Scope.PRACTICE))
        .order_by(Area.code.is_(None), Area.code, Person.pinyin, Person.id)
    )
    if scope is Scope.MISSING:
        query = query.where(~has_active_card())
    elif scope is Scope.UNPRINTED:
        query = query.where(card.printed_at.is_(None))
    elif scope is Scope.AREA:
        query = query.where(_within(area_id))
    elif scope is Scope.PEOPLE:
        query = query.where(Person.id.in_(person_ids))
    rows = db.session.execute(query).all()
    return Choice(
        [row.id for row in rows],
        sum(row.serial is None for row in rows),
        sum(row.printed_at is not None for row in rows),
    )


def _within(area_id: int | None) -> sa.ColumnElement[bool]:
    area = db.session.get(Area, area_id) if area_id else None
    if area is None:
        return sa.false()
    return sa.or_(Area.id == area.id, Area.code.startswith(f"{area.code}.", autoescape=True))


@dataclass(frozen=True)
class Printed:
    """A finished printing."""

    pdf: bytes
    cards: list[Card]
    issued: int
    need_pen: list[str]


def print_cards(
    person_ids: Sequence[int],
    *,
    by: Actor,
    now: datetime,
    backs: bool = True,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Printed:
    """Issue what is missing and print the cards of these people, in this order.

    Idempotent: printed twice, the cards are the same. Raises RuleError cards_none_chosen,
    cards_no_pdf; whatever `progress` raises stops before anything is marked as printed.
    """
    issued = issue_missing(person_ids, by=by, now=now)
    cards, people = _cards_of(person_ids)
    if not cards:
        raise RuleError("cards_none_chosen")
    if not current_app.config["PDF"]:
        raise RuleError("cards_no_pdf")
    faces = [_face(people[card.person_id], card) for card in cards]
    practice = any(person.is_practice for person in people.values())
    try:
        content = sheets.render_sheets(faces, wording(practice), backs=backs, progress=progress)
    except PdfUnavailable:
        raise RuleError("cards_no_pdf") from None
    with transaction() as session:
        mark_printed(cards, now=now)
        audit.record(session, "cards.printed", subject="cards", by=by, now=now,
                     after={"cards": len(cards), "issued": len(issued)})  # fmt: skip
    return Printed(content, cards, len(issued), sheets.unprintable(faces))


def _cards_of(person_ids: Sequence[int]) -> tuple[list[Card], dict[int, Person]]:
    people: dict[int, Person] = {}
    cards: dict[int, Card] = {}
    for start in range(0, len(person_ids), 500):
        part = person_ids[start : start + 500]
        for person in db.session.scalars(
            sa.select(Person)
            .where(Person.id.in_(part))
            .options(
                load_only(Person.name, Person.is_practice),
                joinedload(Person.residence_area).joinedload(Area.parent),
            )
        ):
            people[person.id] = person
        for card in db.session.scalars(
            sa.select(Card).where(Card.person_id.in_(part), Card.state == CardState.ACTIVE)
        ):
            cards[card.person_id] = card
    return [cards[each] for each in dict.fromkeys(person_ids) if each in cards], people


def _face(person: Person, card: Card) -> sheets.Face:
    area = person.residence_area
    while area is not None and area.parent is not None and area.parent.parent is not None:
        area = area.parent
    return sheets.Face(person.name, code_of(card), area.name if area else "")


@task(JOB, title=_l("Print cards"), page="cards.sheets")
def print_sheets(run: Run, person_ids: list[int], backs: bool) -> tuple[File, Note | None]:
    """The job behind the page."""
    now = clock.now()
    printed = print_cards(person_ids, by=run.by, now=now, backs=backs, progress=run.progress)
    name = f"服务卡-{service_day(now):%Y%m%d}-{len(printed.cards)}张.pdf"
    note = (
        Note("cards_need_pen", {"names": "、".join(printed.need_pen)}) if printed.need_pen else None
    )
    return File(name, PDF, printed.pdf), note
