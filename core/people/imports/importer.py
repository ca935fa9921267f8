"""What a programme hands over so that a roster can enrol people in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from core.errors import RuleError, Text, describe
from core.people.roster.values import Finding, RosterRow, Vocabulary
from core.programme import programmes

describe(
    {
        "importer_unknown": Text(
            _l("There is no import “%(name)s”. Choose one of: %(known)s."), 422
        ),
    }
)


@dataclass(frozen=True)
class Candidate:
    """A row, whom it is about (None: not registered yet) and where she lives."""

    person_id: int | None
    row: RosterRow
    area_id: int | None = None


@dataclass(frozen=True)
class Entry:
    """Somebody to be enrolled (None: not registered yet), and the line of the file that says so."""

    person_id: int | None
    row: RosterRow
    area_id: int | None
    source: str


@dataclass(frozen=True)
class Change:
    """One value that an import would change. `kept`: only proposed, since what is known counts more
    (verified by a visit, told to a coordinator)."""

    field: str
    old: str
    new: str
    kept: bool = False


@dataclass(frozen=True)
class Checked:
    """What a programme says about a row: contradictions, and what it would change."""

    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()


def _nothing(candidates: Sequence[Candidate], today: date, site_id: int | None) -> list[Checked]:
    return [Checked() for _ in candidates]


Write = Callable[[Session, Sequence[int]], None]


@dataclass(frozen=True)
class Importer:
    """An import into the registry and, beyond it, into a programme.

    vocabulary: the words of categories; check(candidates, today, site_id): one Checked a candidate,
    with a constant number of queries; prepare(entries, *, site_id, by, now): makes enrolments ready
    without a lock and returns what writes them inside the import's transaction, told the numbers of
    the people in the order of the entries; what is there already stays as it is, and RuleError
    "import_moved_on" says that it is not what was prepared for; members(site_id): who is enrolled now, at the
    site of the file where the programme goes by sites;
    stop(session, person_id, *, reason, by, now): ends an enrolment. columns: the template to fill in,
    head, width, example and what to write; empty: that of the canteens.
    """

    name: str
    label: Any
    site_kind: str | None = None
    vocabulary: Callable[[], Vocabulary] = Vocabulary
    check: Callable[[Sequence[Candidate], date, int | None], list[Checked]] = _nothing
    prepare: Callable[..., Write] | None = None
    members: Callable[[int | None], set[int]] | None = None
    stop: Callable[..., None] | None = None
    columns: tuple[tuple[str, int, str, str], ...] = ()


REGISTRY_ONLY = Importer("people", _l("Registry only"))


def importers() -> dict[str, Importer]:
    """The imports of this app by name, those of programmes first."""
    of_programmes = [one for programme in programmes() for one in programme.importers]
    return {one.name: one for one in (*of_programmes, REGISTRY_ONLY)}


def importer_named(name: str) -> Importer:
    """The import of this name. Raises RuleError "importer_unknown"."""
    known = importers()
    if name not in known:
        raise RuleError("importer_unknown", name=name, known="、".join(known))
    return known[name]
