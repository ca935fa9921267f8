"""What one row would do: register, add or certify hardship, note needs. The preview and the import share it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from workshop.importer.book import Book, Known
from workshop.importer.meant import Meant
from workshop.models import Learner
from workshop.values import Basis, Needs, WorkerKind

WORK_IN_NOTE = "就业状态:"


@dataclass(frozen=True)
class Todo:
    """What an entry does: registered or not yet, hardships to add and to certify, needs to note.

    fills: something of her registration that was not known until now.
    """

    is_new: bool
    is_again: bool
    fills: bool
    meant: Meant
    hardship: tuple[int, ...]
    certify: tuple[int, ...]
    needs: Needs | None


@dataclass(frozen=True)
class Facts:
    """What her registration says after the import."""

    home_site_id: int
    worker_kind: WorkerKind
    unemployed_since: date | None
    coordinator_id: int | None
    note: str | None


def facts_of(
    meant: Meant, learner: Learner | None, home: int, coordinators: Collection[int]
) -> Facts:
    """What is known stays, what is empty is filled; whoever comes again may be without work anew.

    home: the workshop of the file. coordinators: who can follow its learners.
    """
    work = f"{WORK_IN_NOTE}{meant.work}" if meant.work else None
    if learner is None:
        return Facts(home, WorkerKind.WORKER, meant.unemployed_since, None, work)
    note = learner.note
    if work and WORK_IN_NOTE not in (note or ""):
        note = f"{note}；{work}" if note else work
    if learner.ended_on is None:
        return Facts(
            learner.home_site_id, learner.worker_kind,
            learner.unemployed_since or meant.unemployed_since, learner.coordinator_id, note,
        )  # fmt: skip
    return Facts(
        home, learner.worker_kind, meant.unemployed_since or learner.unemployed_since,
        learner.coordinator_id if learner.coordinator_id in coordinators else None, note,
    )  # fmt: skip


def wanted_by(known: Known) -> set[int]:
    """The skills that she has told of already."""
    return {wish.skill_id for wish in known.needs.wanted} if known.needs else set()


def todo_of(meant: Meant, book: Book, known: Known) -> Todo:
    learner = known.learner
    ids = [book.categories[name].id for name in meant.hardship]
    # Ended or noted today by somebody: a roster of the same day does not bring it back.
    added = tuple(n for n in ids if n not in known.held and n not in known.settled)
    self_declared = {n for n, tag in known.held.items() if tag.basis is Basis.SELF_DECLARED}
    certify = tuple(n for n in ids if n in self_declared and n in certified_by(meant, book))
    fills = False
    if learner is not None and learner.ended_on is None:
        facts = facts_of(meant, learner, learner.home_site_id, ())
        known_facts = (learner.unemployed_since, learner.note)
        fills = (facts.unemployed_since, facts.note) != known_facts
    return Todo(
        learner is None, learner is not None and learner.ended_on is not None, fills, meant, added,
        certify, _needs(meant, book, known),
    )  # fmt: skip


def certified_by(meant: Meant, book: Book) -> set[int]:
    """The categories that the roster calls certified. How long she has no work is what she says."""
    if not meant.certified:
        return set()
    return {book.categories[name].id for name in meant.hardship if name != meant.from_work}


def _needs(meant: Meant, book: Book, known: Known) -> Needs | None:
    """A further assessment, when the roster says something that the last one does not.

    What the roster does not ask stays as she told it. Her hours stand in no roster: without an
    assessment they count as not asked yet.
    """
    if not meant.has_needs:
        return None
    last, wanted = known.needs, wanted_by(known)
    skills = tuple(book.skills[name].id for name in meant.skills)
    wishes = meant.wishes
    before = {
        name for name, told in (
            ("work", last.wants_work), ("home_work", last.wants_home_work),
            ("venture", last.wants_venture),
        ) if told
    } if last else set()  # fmt: skip
    if last is not None:
        is_same = set(skills) <= wanted and (wishes is None or set(wishes) <= before)
        if is_same and meant.children_under_12 in (None, last.children_under_12):
            return None
    now = before | set(wishes or ())
    usual = Needs(weekdays=0)
    return Needs(
        skill_ids=tuple(dict.fromkeys((*sorted(wanted), *skills))),
        weekdays=last.weekdays if last else usual.weekdays,
        free_from_min=last.free_from_min if last else usual.free_from_min,
        free_until_min=last.free_until_min if last else usual.free_until_min,
        children_under_12=(
            meant.children_under_12 if meant.children_under_12 is not None
            else last.children_under_12 if last else 0
        ),
        mobility=last.mobility if last else usual.mobility,
        reach=last.reach if last else usual.reach,
        wants_work="work" in now, wants_home_work="home_work" in now,
        wants_venture="venture" in now,
        least_wage_fen=last.least_wage_fen if last else None, note=last.note if last else None,
    )  # fmt: skip
