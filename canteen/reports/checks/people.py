"""Whether those who ate could, and should: standing, eligibility, evidence, identity."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _

from canteen.evidence import subject_of
from canteen.models import Eligibility, MealCategory
from canteen.reports.checks.ground import Counted, Ground, page_of
from canteen.values import Dimension, EligibilityState
from core import show
from core.db import db
from core.evidence.models import Attachment
from core.paths import path_to
from core.people.models import Standing, StandingKind
from core.people.words import STANDING
from core.reports.checks import Row, finding, likely_doubles
from core.reports.values import Finding


class Span(NamedTuple):
    """Where somebody stood, from when to when."""

    kind: StandingKind
    since_on: date
    until_on: date | None

    def covers(self, day: date) -> bool:
        """Whether a day lies inside. On the first day she may have eaten before it came to pass."""
        return self.since_on < day and (self.until_on is None or day <= self.until_on)


def _standings(ground: Ground) -> dict[int, list[Span]]:
    """Everything but 在册 in the period, by person; a merged record speaks for the one that counts."""
    period = ground.built.period
    rows = db.session.execute(
        sa.select(Standing.person_id, Standing.kind, Standing.since_on, Standing.until_on).where(
            Standing.kind != StandingKind.REGISTERED, Standing.since_on <= period.last,
            sa.or_(Standing.until_on.is_(None), Standing.until_on >= period.first),
        )
    )  # fmt: skip
    found: dict[int, list[Span]] = defaultdict(list)
    for person_id, *span in rows:
        found[ground.merged.get(person_id, person_id)].append(Span(*span))
    return found


def _eaten_while(ground: Ground, kinds: Iterable[StandingKind]) -> list[Row]:
    wanted, standings = set(kinds), _standings(ground)
    rows: list[Row] = []
    for meal in ground.meals:
        span = next((each for each in standings.get(meal.person_id, ())
                     if each.kind in wanted and each.covers(meal.day)), None)  # fmt: skip
        if span is not None:
            said = _("%(meal)s (%(standing)s since %(day)s)", meal=ground.of_meal(meal),
                     standing=STANDING[span.kind], day=show.full_day(span.since_on))  # fmt: skip
            rows.append((said, page_of(meal.event_id)))
    return rows


def deceased(ground: Ground) -> Finding | None:
    """Meals after a person's death."""
    return finding(
        "deceased", _("Meals after the person died"),
        _("Ask the family and the counter who used the card. Void what she cannot have eaten, or "
          "correct the day of death, and write what was found out."),
        _eaten_while(ground, [StandingKind.DECEASED]),
    )  # fmt: skip


def away(ground: Ground) -> Finding | None:
    """Meals of people who had moved away, or lived in a care home or hospital."""
    kinds = (StandingKind.MOVED_AWAY, StandingKind.CARE_HOME, StandingKind.HOSPITAL)
    return finding(
        "away", _("Meals of people who were away"),
        _("Clarify whether she was back. If not, void the meal; if so, correct her record."),
        _eaten_while(ground, kinds),
    )  # fmt: skip


def _by_person(meals: Iterable[Counted]) -> dict[int, list[Counted]]:
    found: dict[int, list[Counted]] = defaultdict(list)
    for meal in meals:
        found[meal.person_id].append(meal)
    return found


def _each_person(ground: Ground, meals: Iterable[Counted], link: Callable[[int], str]) -> list[Row]:
    """One row a person, in the order of the register: how many meals, and what they were paid."""
    found = _by_person(meals)
    return [
        (_told(ground, person_id, found[person_id]), link(person_id))
        for person_id in ground.names
        if person_id in found
    ]


def _told(ground: Ground, person_id: int, meals: list[Counted]) -> str:
    days = [meal.day for meal in meals]
    first, last = show.full_day(min(days)), show.full_day(max(days))
    return _("%(name)s: %(meals)s, %(days)s, subsidy %(subsidy)s", name=ground.names[person_id],
             meals=_("%(count)s meals", count=len(meals)),
             days=first if first == last else f"{first} — {last}",
             subsidy=show.money(sum(meal.subsidy_fen for meal in meals)))  # fmt: skip


def _diner(person_id: int) -> str:
    return path_to("canteen.diner", person_id=person_id)


def to_be_reviewed(ground: Ground) -> Finding | None:
    """Meals on an eligibility that had run out (资格待复核)."""
    meals = [meal for meal in ground.meals if meal.needs_review]
    return finding(
        "review", _("Meals on an eligibility to be reviewed"),
        _("Renew the eligibility with its new evidence. If it is not renewed, decide what is done "
          "about these meals, and write it down."),
        _each_person(ground, meals, _diner),
    )  # fmt: skip


def without_evidence(ground: Ground) -> Finding | None:
    """Subsidised meals priced by a category whose eligibility has no paper attached.

    Categories of age follow from the birth date, the general one needs none.
    """
    if not current_app.config["CHECK_EVIDENCE"]:
        return None
    needed = {
        row.code
        for row in db.session.scalars(sa.select(MealCategory))
        if row.dimension not in (Dimension.AGE, Dimension.GENERAL)
    }
    papers, proved = _papers(ground), _proved(ground)
    meals = [
        meal
        for meal in ground.meals
        if meal.subsidy_fen > 0 and meal.category in needed
        and papers.get((meal.person_id, meal.category), set()).isdisjoint(proved)
    ]  # fmt: skip
    return finding(
        "evidence", _("Subsidised meals without evidence of the eligibility"),
        _("Attach the paper to the eligibility on the diner's page. Where it lies in the files only, "
          "write where."),
        _each_person(ground, meals, _diner),
    )  # fmt: skip


def _papers(ground: Ground) -> dict[tuple[int, str], set[str]]:
    """The subjects of evidence that may prove a category of a person in the period."""
    period = ground.built.period
    rows = db.session.execute(
        sa.select(Eligibility.person_id, Eligibility.id, MealCategory.code)
        .join(MealCategory, MealCategory.id == Eligibility.category_id)
        .where(
            Eligibility.person_id.in_(ground.eaters), Eligibility.from_on <= period.last,
            Eligibility.state.in_([EligibilityState.APPROVED, EligibilityState.ENDED]),
        )
    )  # fmt: skip
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    for row in rows:
        person_id = ground.merged.get(row.person_id, row.person_id)
        found[person_id, row.code].add(subject_of(row))
    return found


def _proved(ground: Ground) -> set[str]:
    return set(db.session.scalars(
        sa.select(Attachment.subject).where(
            Attachment.person_id.in_(ground.eaters), Attachment.removed_at.is_(None)
        )
    ))  # fmt: skip


def without_id(ground: Ground) -> Finding | None:
    """People who received subsidy and have no ID number."""
    data = ground.built.datasets["people"]
    place = data.place("id_number")
    known = {row[0] for row in data.rows if row[place]}
    meals = [meal for meal in ground.meals if meal.subsidy_fen > 0 and meal.person_id not in known]
    return finding(
        "no_id", _("Subsidy for people without an ID number"),
        _("Ask for the ID card and enter the number; only then is it sure that she is counted once."),
        _each_person(ground, meals, lambda person_id: path_to("people.show", person_id=person_id)),
    )  # fmt: skip


def doubles(ground: Ground) -> Finding | None:
    """Two records that may be one human, at least one of them with subsidy in the period."""
    subsidised = {meal.person_id for meal in ground.meals if meal.subsidy_fen > 0}
    return finding(
        "doubles", _("Records that may be the same person, with subsidy"),
        _("Merge them if they are one person; if not, write how they were told apart."),
        likely_doubles(ground.eaters, subsidised),
    )  # fmt: skip
