"""A roster of diners: enrolment, papers of their categories, diet needs and the wish for delivery."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from canteen.actions import end_diner, enrol_diner
from canteen.actions.diners import diner_rows, need_rows, rewrite_diner
from canteen.actions.eligibility import paper_rows
from canteen.category_words import DEFAULT_CATEGORY, words
from canteen.diet_words import Need, read_needs
from canteen.models import DietNeed, Diner, Eligibility, MealCategory
from canteen.rules import age_on
from canteen.values import Dimension, EligibilityState, WayOfEating
from core.access import Actor
from core.bulk import Rows, write_rows
from core.clock import service_day
from core.db import db
from core.errors import RuleError
from core.people.imports.importer import Candidate, Change, Checked, Entry, Importer
from core.people.imports.words import describe_fields, describe_findings
from core.people.roster.values import Finding, Level, RosterRow, Vocabulary
from core.sites.models import Area, AreaLevel, Site, SiteKind

_CHUNK = 400
_OPEN = (EligibilityState.PROPOSED, EligibilityState.APPROVED)

describe_fields(
    {
        "enrolment": _l("Enrolment for meals"),
        "way": _l("Way of eating"),
        "category": _l("Category"),
        "diet": _l("Diet need"),
    }
)
describe_findings(
    {
        "category_not_in_table": _l(
            "“%(text)s” is not in the table of categories. Add it there, or mend this cell."
        ),
        "aged_but_young": _l(
            "Marked %(text)s, but only %(age)s years old. The age tier follows the birth date."
        ),
        "old_but_unmarked": _l(
            "%(age)s years old and not marked %(text)s. The age tier follows the birth date."
        ),
        "category_not_listed": _l(
            "Holds %(text)s until now, which this roster does not name. It stays; end it "
            "on her page if it is over."
        ),
        "diner_has_ended": _l(
            "Her enrolment ended on %(on)s (%(reason)s). The import enrols her again."
        ),
        "site_unknown": _l(
            "It is not clear at which site she eats. Choose the site for the whole file."
        ),
    }
)


@dataclass(frozen=True)
class _Known:
    """What the canteen knows of one person."""

    diner: Diner | None
    held: frozenset[int]
    settled: frozenset[int]  # categories refused or ended that began on this very day
    needs: frozenset[Need]


class _Book:
    """Categories, sites, and what is known of the people at hand, read at once."""

    def __init__(self, person_ids: Sequence[int], today: date) -> None:
        self.today = today
        self.categories = {
            c.name: c for c in db.session.scalars(sa.select(MealCategory).where(MealCategory.is_active))
        }  # fmt: skip
        self._names = {c.id: c.name for c in self.categories.values()}
        self._sites = _Sites()
        self._diners: dict[int, Diner] = {}
        self._held: dict[int, set[int]] = {}
        self._settled: dict[int, set[int]] = {}
        self._needs: dict[int, set[Need]] = {}
        for chunk in _chunks(person_ids):
            for diner in db.session.scalars(sa.select(Diner).where(Diner.person_id.in_(chunk))):
                self._diners[diner.person_id] = diner
            for row in db.session.execute(
                sa.select(Eligibility.person_id, Eligibility.category_id, Eligibility.state).where(
                    Eligibility.person_id.in_(chunk),
                    sa.or_(
                        sa.and_(
                            Eligibility.state.in_(_OPEN),
                            sa.or_(Eligibility.until_on.is_(None), Eligibility.until_on >= today),
                        ),
                        Eligibility.from_on == today,
                    ),
                )
            ):
                kept = self._held if row.state in _OPEN else self._settled
                kept.setdefault(row.person_id, set()).add(row.category_id)
            for need in db.session.scalars(
                sa.select(DietNeed).where(
                    DietNeed.person_id.in_(chunk),
                    sa.or_(DietNeed.until_on.is_(None), DietNeed.until_on >= today),
                )
            ):
                self._needs.setdefault(need.person_id, set()).add(
                    Need(need.kind, need.detail or "")
                )

    def of(self, person_id: int | None) -> _Known:
        key = person_id or 0
        return _Known(
            self._diners.get(key),
            frozenset(self._held.get(key, ())),
            frozenset(self._settled.get(key, ())),
            frozenset(self._needs.get(key, ())),
        )

    def name(self, category_id: int) -> str:
        return self._names.get(category_id, "")

    def site(self, area_id: int | None, chosen: int | None) -> int | None:
        return chosen or self._sites.of(area_id)

    @property
    def grounds(self) -> tuple[object, ...]:
        """What enrolments lean on beside the people: categories in use, canteens, areas."""
        categories = sorted((c.name, c.id, c.dimension) for c in self.categories.values())
        return (categories, *self._sites.grounds)

    @property
    def aged(self) -> MealCategory | None:
        """The youngest age tier: 高龄."""
        tiers = [c for c in self.categories.values() if c.dimension is Dimension.AGE]
        return min(tiers, key=lambda c: c.age_from or 0, default=None)


class _Sites:
    """Which canteen serves an area: its own, one named after the community, or the only one."""

    def __init__(self) -> None:
        self._areas = {a.id: a for a in db.session.scalars(sa.select(Area))}
        self._sites = list(db.session.scalars(
            sa.select(Site).where(Site.kind == SiteKind.CANTEEN, Site.is_active).order_by(Site.id)
        ))  # fmt: skip

    def of(self, area_id: int | None) -> int | None:
        if len(self._sites) == 1:
            return self._sites[0].id
        community = self._community(area_id)
        if community is None:
            return None
        for site in self._sites:
            own = self._community(site.area_id)
            if own is not None and own.id == community.id:
                return site.id
        bare = community.name.removesuffix("社区")
        named = [site.id for site in self._sites if bare in site.name]
        return named[0] if len(named) == 1 else None

    @property
    def grounds(self) -> tuple[object, ...]:
        return (
            [(site.id, site.name, site.area_id) for site in self._sites],
            sorted((a.id, a.name, a.level, a.parent_id or 0) for a in self._areas.values()),
        )

    def _community(self, area_id: int | None) -> Area | None:
        area = self._areas.get(area_id or 0)
        if area is not None and area.level is AreaLevel.GRID:
            area = self._areas.get(area.parent_id or 0)
        return area if area is not None and area.level is AreaLevel.COMMUNITY else None


def vocabulary() -> Vocabulary:
    """How rosters spell the categories, the office's own names included."""
    own = {name: name for name in db.session.scalars(sa.select(MealCategory.name))}
    return Vocabulary(words() | own, DEFAULT_CATEGORY)


def check(candidates: Sequence[Candidate], today: date, site_id: int | None) -> list[Checked]:
    """Contradictions of each row, and what it would change for a diner."""
    book = _Book([c.person_id for c in candidates if c.person_id is not None], today)
    return [_check(candidate, book, site_id) for candidate in candidates]


def _check(candidate: Candidate, book: _Book, site_id: int | None) -> Checked:
    row, known = candidate.row, book.of(candidate.person_id)
    findings = list(_contradictions(row, book, known))
    home = book.site(candidate.area_id, site_id)
    diner = known.diner
    if (
        home is None
        and candidate.area_id is not None
        and (diner is None or diner.ended_on is not None)
    ):
        findings.append(Finding("site_unknown", Level.WRONG))
    changes = []
    if diner is None or diner.ended_on is not None:
        if candidate.person_id is not None:
            changes.append(Change("enrolment", "", "助餐对象"))
    elif row.deliver is not None and row.deliver != (diner.usual_way is WayOfEating.DELIVERED):
        changes.append(Change("way", "", "送餐" if row.deliver else "堂食"))
    if candidate.person_id is not None:
        for category in _papers(row, book, known):
            if category.id not in known.held:
                changes.append(Change("category", "", category.name))
        for need in sorted(set(read_needs(row.diets or ())) - known.needs, key=str):
            changes.append(Change("diet", "", need.text))
    return Checked(tuple(findings), tuple(changes))


def _contradictions(row: RosterRow, book: _Book, known: _Known) -> Iterator[Finding]:
    for name in row.categories or ():
        if name not in book.categories:
            yield Finding("category_not_in_table", Level.WRONG, "categories", "", {"text": name})
    aged = book.aged
    if aged is not None and row.birth_on is not None and row.categories is not None:
        age = age_on(row.birth_on, book.today) or 0
        details = {"age": str(age), "text": aged.name}
        if aged.name in row.categories and age < (aged.age_from or 0):
            yield Finding("aged_but_young", Level.WARNING, "categories", "", details)
        elif aged.name not in row.categories and age >= (aged.age_from or 0):
            yield Finding("old_but_unmarked", Level.WARNING, "categories", "", details)
    if row.categories is not None:
        general = {c.id for c in book.categories.values() if c.dimension is Dimension.GENERAL}
        gone = [book.name(n) for n in known.held - general if book.name(n) not in row.categories]
        if any(gone):
            text = "、".join(sorted(name for name in gone if name))
            yield Finding("category_not_listed", Level.WARNING, "categories", "", {"text": text})
    if known.diner is not None and known.diner.ended_on is not None:
        details = {"on": str(known.diner.ended_on), "reason": known.diner.end_reason or ""}
        yield Finding("diner_has_ended", Level.WARNING, "name", "", details)


def _papers(row: RosterRow, book: _Book, known: _Known) -> list[MealCategory]:
    """Categories to hold by paper. Who is in none is held as 普通: a roster names whom a canteen serves."""
    named = [book.categories[name] for name in row.categories or () if name in book.categories]
    papers = [c for c in named if c.dimension not in (Dimension.AGE, Dimension.GENERAL)]
    if not papers and not known.held:
        papers = [c for c in book.categories.values() if c.dimension is Dimension.GENERAL]
    # Refused or ended today by somebody: a roster of the same day does not bring it back.
    return [c for c in papers if c.id not in known.settled]


@dataclass(frozen=True)
class _Todo:
    """What an entry does: where she is enrolled (None: she is), how she eats from now on, what is added."""

    is_new: bool
    home_site_id: int | None
    way: WayOfEating | None
    categories: tuple[int, ...]
    needs: tuple[Need, ...]


def _todo(entry: Entry, book: _Book, site_id: int | None) -> _Todo:
    row, known = entry.row, book.of(entry.person_id)
    diner, home = known.diner, None
    way: WayOfEating | None = WayOfEating.DELIVERED if row.deliver else WayOfEating.DINE_IN
    if diner is None or diner.ended_on is not None:
        home = book.site(entry.area_id, site_id)
        assert home is not None, "the plan refuses rows without a site"
    elif row.deliver is None or row.deliver == (diner.usual_way is WayOfEating.DELIVERED):
        way = None
    return _Todo(
        diner is None, home, way,
        tuple(c.id for c in _papers(row, book, known) if c.id not in known.held),
        tuple(sorted(set(read_needs(row.diets or ())) - known.needs, key=str)),
    )  # fmt: skip


def prepare(
    entries: Sequence[Entry], *, site_id: int | None, by: Actor, now: datetime
) -> Callable[[Session, Sequence[int]], None]:
    """Make enrolments ready; what is there already stays as it is."""
    today = service_day(now)
    book = _Book([entry.person_id for entry in entries if entry.person_id is not None], today)
    grounds = book.grounds
    todos = [_todo(entry, book, site_id) for entry in entries]
    ready = [
        _rows_of(entry, todo, today, by, now) for entry, todo in zip(entries, todos, strict=True)
    ]

    def write(session: Session, numbers: Sequence[int]) -> None:
        # The plan has compared the people again; a canteen or a category may have gone all the same.
        if _Book([], today).grounds != grounds:
            raise RuleError("import_moved_on")
        _write_known(session, dict(zip(numbers, todos, strict=True)), today, by, now)
        write_rows(session, zip(numbers, ready, strict=True))

    return write


def _rows_of(entry: Entry, todo: _Todo, today: date, by: Actor, now: datetime) -> Rows:
    rows = Rows()
    if todo.is_new and todo.home_site_id is not None and todo.way is not None:
        diner_rows(rows, home_site_id=todo.home_site_id, usual_way=todo.way, on=today, by=by, now=now)  # fmt: skip
    for category_id in todo.categories:
        paper_rows(rows, category_id, from_on=today, until_on=None, approved=True,
                   evidence=f"名册:{entry.source}", by=by, now=now)  # fmt: skip
    for need in todo.needs:
        need_rows(rows, need.kind, detail=need.detail or None, from_on=today, by=by, now=now)
    return rows


def _write_known(
    session: Session, todos: Mapping[int, _Todo], today: date, by: Actor, now: datetime
) -> None:
    """Enrol again whose enrolment had ended, and change how somebody eats."""
    known = {n: todo for n, todo in todos.items() if not todo.is_new and todo.way is not None}
    for chunk in _chunks(sorted(known)):
        diners = sa.select(Diner).where(Diner.person_id.in_(chunk)).order_by(Diner.person_id)
        for diner in session.scalars(diners.with_for_update()):
            todo = known[diner.person_id]
            assert todo.way is not None
            if todo.home_site_id is not None:
                enrol_diner(diner.person_id, home_site_id=todo.home_site_id, usual_way=todo.way,
                            on=today, by=by, now=now)  # fmt: skip
            else:
                rewrite_diner(session, diner, home_site_id=diner.home_site_id, usual_way=todo.way,
                              note=diner.note, by=by, now=now)  # fmt: skip


def members(site_id: int | None) -> set[int]:
    """Ids of all who are enrolled now, wherever they eat: rosters are lists of a community."""
    return set(db.session.scalars(sa.select(Diner.person_id).where(Diner.ended_on.is_(None))))


def stop(session: Session, person_id: int, *, reason: str, by: Actor, now: datetime) -> None:
    """End the enrolment of somebody whom the roster no longer names; today is her last day."""
    end_diner(person_id, on=service_day(now), reason=reason, by=by, now=now)


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


DINERS = Importer(
    "diners", _l("Diners of the canteens"), site_kind="canteen", vocabulary=vocabulary, check=check,
    prepare=prepare, members=members, stop=stop,
)  # fmt: skip
