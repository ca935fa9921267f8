"""What the workshop knows of the people of a roster, and the tables that their cells name, read at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from core.db import db
from core.sites.models import Site, SiteKind
from workshop.lists.learners import latest_needs, retirement_steps
from workshop.models import HardshipCategory, HardshipTag, Learner, NeedsAssessment, Skill

_CHUNK = 400


@dataclass(frozen=True)
class Known:
    """What the workshop knows of one person. held: her hardships by category, those that hold or will."""

    learner: Learner | None
    held: Mapping[int, HardshipTag]
    settled: frozenset[int]  # categories with an entry that began on this very day
    needs: NeedsAssessment | None


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
        self._sites = list(db.session.scalars(
            sa.select(Site.id).where(Site.kind == SiteKind.WORKSHOP, Site.is_active).order_by(Site.id)
        ))  # fmt: skip
        self._learners: dict[int, Learner] = {}
        self._held: dict[int, dict[int, HardshipTag]] = {}
        self._settled: dict[int, set[int]] = {}
        self._needs: dict[int, NeedsAssessment] = {}
        for chunk in _chunks(person_ids):
            for row in db.session.scalars(sa.select(Learner).where(Learner.person_id.in_(chunk))):
                self._learners[row.person_id] = row
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
        )  # fmt: skip

    def site(self, chosen: int | None) -> int | None:
        """The workshop chosen for the file, or the only one."""
        return chosen or (self._sites[0] if len(self._sites) == 1 else None)

    def category_name(self, category_id: int) -> str:
        return next((c.name for c in self.categories.values() if c.id == category_id), "")

    @property
    def grounds(self) -> tuple[object, ...]:
        """What registrations lean on beside the people: the tables in use and the workshops."""
        return (
            sorted((name, row.id) for name, row in self.categories.items()),
            sorted((name, row.id) for name, row in self.skills.items()),
            self._sites,
        )


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
