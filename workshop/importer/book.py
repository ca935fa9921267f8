"""What the workshop knows of the people of a roster, and the tables that their cells name, read at once."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from core.db import db
from core.people.models import Person
from core.sites.models import Site, SiteKind
from workshop.actions.learners import coordinators_of
from workshop.lists.learners import latest_needs, retirement_steps
from workshop.models import HardshipCategory, HardshipTag, Learner, NeedsAssessment, Skill

_CHUNK = 400


@dataclass(frozen=True)
class Known:
    """What the workshop knows of one person. held: her hardships by category, those that hold or will.

    is_elsewhere: she is a learner now under a record that was merged into this one.
    """

    learner: Learner | None
    held: Mapping[int, HardshipTag]
    settled: frozenset[int]  # categories with an entry that began on this very day
    needs: NeedsAssessment | None
    is_elsewhere: bool


class Book:
    """Tables, workshops, and what is known of the people at hand, read at once."""

    def __init__(self, person_ids: Sequence[int], today: date) -> None:
        self.today = today
        table = HardshipCategory
        self.categories = {
            row.name: row for row in db.session.scalars(sa.select(table).where(table.is_active))
        }
        self.skills = {
            row.name: row for row in db.session.scalars(sa.select(Skill).where(Skill.is_active))
        }
        self.steps = retirement_steps()
        self.sites = workshops()
        self._learners: dict[int, Learner] = {}
        self._elsewhere: set[int] = set()
        self._held: dict[int, dict[int, HardshipTag]] = {}
        self._settled: dict[int, set[int]] = {}
        self._needs: dict[int, NeedsAssessment] = {}
        self._coordinators: dict[int | None, frozenset[int]] = {}
        for chunk in _chunks(person_ids):
            for row in db.session.scalars(
                sa.select(Learner).where(Learner.person_id.in_(chunk))
                .options(joinedload(Learner.home_site), joinedload(Learner.coordinator))
            ):  # fmt: skip
                self._learners[row.person_id] = row
            self._elsewhere.update(db.session.scalars(
                sa.select(Person.merged_into_id)
                .join(Learner, Learner.person_id == Person.id)
                .where(Person.merged_into_id.in_(chunk), Learner.ended_on.is_(None))
            ))  # fmt: skip
            for tag in db.session.scalars(
                sa.select(HardshipTag).where(
                    HardshipTag.person_id.in_(chunk),
                    sa.or_(
                        HardshipTag.until_on.is_(None), HardshipTag.until_on >= today,
                        HardshipTag.from_on == today,
                    ),
                )
            ):  # fmt: skip
                if tag.end_reason is None and (tag.until_on is None or tag.until_on >= today):
                    self._held.setdefault(tag.person_id, {})[tag.category_id] = tag
                else:
                    self._settled.setdefault(tag.person_id, set()).add(tag.category_id)
            self._needs |= latest_needs(chunk)

    def of(self, person_id: int | None) -> Known:
        key = person_id or 0
        return Known(
            self._learners.get(key), self._held.get(key, {}),
            frozenset(self._settled.get(key, ())), self._needs.get(key),
            key in self._elsewhere and key not in self._learners,
        )  # fmt: skip

    def asked(self, person_ids: Sequence[int]) -> dict[int, uuid.UUID]:
        """Which assessment is the latest of each."""
        return {n: self._needs[n].id for n in person_ids if n in self._needs}

    def site(self, chosen: int | None) -> int | None:
        """The workshop chosen for the file, or the only one."""
        return site_of(chosen, self.sites)

    def coordinators(self, site_id: int | None) -> frozenset[int]:
        """Who can follow learners of a workshop."""
        if site_id not in self._coordinators:
            found = db.session.scalars(coordinators_of(site_id)) if site_id else ()
            self._coordinators[site_id] = frozenset(found)
        return self._coordinators[site_id]

    def category_name(self, category_id: int) -> str:
        return next((c.name for c in self.categories.values() if c.id == category_id), "")

    @property
    def grounds(self) -> tuple[object, ...]:
        """What registrations lean on beside the people: the tables in use and the workshops."""
        return (
            sorted((name, row.id) for name, row in self.categories.items()),
            sorted((name, row.id) for name, row in self.skills.items()),
            sorted(self.sites),
        )


def workshops() -> dict[int, str]:
    """The names of the workshops in use, by id."""
    rows = db.session.execute(
        sa.select(Site.id, Site.name).where(Site.kind == SiteKind.WORKSHOP, Site.is_active)
    )
    return {row.id: row.name for row in rows}


def site_of(chosen: int | None, sites: Mapping[int, str]) -> int | None:
    """The workshop chosen for a file, or the only one."""
    return chosen or (next(iter(sites)) if len(sites) == 1 else None)


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
