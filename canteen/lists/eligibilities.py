"""Lists of papers that wait for somebody: proposed, run out, expiring."""

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from canteen.lists import papers
from canteen.lists.diners import PERSON_IN_LIST
from canteen.models import Diner, Eligibility
from core.people.models import Person


class PaperList(StrEnum):
    PROPOSED = "proposed"
    REVIEW = "review"
    EXPIRING = "expiring"


def eligibilities(
    show: PaperList,
    on: date,
    *,
    grace_days: int,
    within_days: int,
    site_ids: frozenset[int] | None,
    site_id: int | None = None,
) -> sa.Select[tuple[Eligibility, Diner]]:
    """Papers of one list with their diner, the most urgent first."""
    wanted = {
        PaperList.PROPOSED: papers.is_proposed(),
        PaperList.REVIEW: papers.is_to_review(on, grace_days),
        PaperList.EXPIRING: papers.is_expiring(on, within_days),
    }[show]
    statement = (
        sa.select(Eligibility, Diner)
        .join(Diner, Diner.person_id == Eligibility.person_id)
        .join(Person, Person.id == Diner.person_id)
        .where(wanted, ~Person.is_practice, sa.or_(Diner.ended_on.is_(None), Diner.ended_on >= on))
        .options(
            joinedload(Eligibility.category),
            contains_eager(Diner.person).load_only(*PERSON_IN_LIST),
            joinedload(Diner.home_site),
        )
    )
    if site_ids is not None:
        statement = statement.where(Diner.home_site_id.in_(site_ids))
    if site_id is not None:
        statement = statement.where(Diner.home_site_id == site_id)
    first = Eligibility.proposed_at if show is PaperList.PROPOSED else Eligibility.until_on
    return statement.order_by(first, Person.pinyin, Eligibility.id)
