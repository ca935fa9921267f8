"""What stands beside the answer at a counter: the last attempts, people to be found, a household."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, load_only

from canteen.lists.diners import PERSON_IN_LIST
from canteen.models import Diner, Meal, MealEvent, Pause
from canteen.values import EventKind, Sitting
from core.db import db
from core.people.models import Card, CardState, Person, PersonPhoto, StandingKind
from core.people.search import matching
from core.sites.models import Area

LAST = 10
FOUND_AT_MOST = 20


@dataclass(frozen=True)
class Attempt:
    """One attempt at this counter: its event, whose it was, and whether it was taken back."""

    event: MealEvent
    name: str | None
    is_voided: bool


def last_attempts(day: date, site_id: int, *, practice: bool) -> list[Attempt]:
    """The last ten attempts of a day, the latest first."""
    void = aliased(MealEvent)
    is_voided = sa.exists().where(void.voids_id == MealEvent.id).correlate(MealEvent)
    rows = db.session.execute(
        sa.select(MealEvent, Person.name, is_voided)
        .outerjoin(Person, Person.id == MealEvent.person_id)
        .where(
            MealEvent.day == day, MealEvent.site_id == site_id,
            MealEvent.kind != EventKind.VOIDED, MealEvent.is_practice == practice,
        )
        .order_by(MealEvent.received_at.desc(), MealEvent.id.desc())
        .limit(LAST)
    )  # fmt: skip
    return [Attempt(event, name, bool(voided)) for event, name, voided in rows]


def found_diners(typed: str, day: date, *, practice: bool) -> Sequence[Person]:
    """Diners by name, pinyin or digits, one more than fit on the screen; any site's."""
    enrolled = sa.exists().where(
        Diner.person_id == Person.id, Diner.enrolled_on <= day,
        sa.or_(Diner.ended_on.is_(None), Diner.ended_on >= day),
    )  # fmt: skip
    return db.session.scalars(
        sa.select(Person)
        .where(
            matching(typed), enrolled, Person.merged_into_id.is_(None),
            Person.is_practice == practice, Person.standing != StandingKind.DECEASED,
        )
        .options(
            load_only(*PERSON_IN_LIST),
            joinedload(Person.residence_area).joinedload(Area.parent),
        )
        .order_by(Person.pinyin, Person.id)
        .limit(FOUND_AT_MOST + 1)
    ).all()  # fmt: skip


def housemate(person_id: int, day: date, sitting: Sitting | None) -> Person | None:
    """The one other diner of her household who has not eaten yet; None when not exactly one."""
    her = aliased(Person)
    enrolled = sa.exists().where(
        Diner.person_id == Person.id, sa.or_(Diner.ended_on.is_(None), Diner.ended_on >= day)
    )
    has_eaten = sa.exists().where(
        Meal.person_id == Person.id, Meal.day == day, Meal.sitting == sitting
    )
    found = db.session.scalars(
        sa.select(Person)
        .join(her, sa.and_(her.id == person_id, her.household_id == Person.household_id))
        .where(
            Person.id != person_id, enrolled, ~has_eaten, Person.merged_into_id.is_(None),
            Person.standing == StandingKind.REGISTERED, Person.is_practice == her.is_practice,
        )
        .options(load_only(Person.name, Person.sex, Person.address_as))
        .limit(2)
    ).all()  # fmt: skip
    return found[0] if len(found) == 1 else None


def pause_on(person_id: int, day: date) -> Pause | None:
    """The pause that covers a day and nobody has ended."""
    return db.session.scalar(
        sa.select(Pause).where(
            Pause.person_id == person_id, Pause.from_on <= day, Pause.ended_at.is_(None),
            sa.or_(Pause.until_on.is_(None), Pause.until_on >= day),
        )
    )  # fmt: skip


def photo_of(person_id: int) -> PersonPhoto | None:
    """Her photo, if the office has one."""
    return db.session.get(PersonPhoto, person_id)


def practice_cards(limit: int = 6) -> list[tuple[int, int, str]]:
    """Person, serial and name of cards that count nowhere."""
    rows = db.session.execute(
        sa.select(Card.person_id, Card.serial, Person.name)
        .join(Person, Person.id == Card.person_id)
        .where(Person.is_practice, Card.state == CardState.ACTIVE)
        .order_by(Card.person_id)
        .limit(limit)
    )
    return [(person_id, serial, name) for person_id, serial, name in rows]
