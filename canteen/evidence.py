"""Papers of an eligibility (低保证, 残疾证, …): what a category was granted on.

Subject "eligibility:<person_id>.<id>". Office and auditors see them; the operator's staff at a
canteen do not, because the price at the counter tells them all that they need.
"""

import uuid
from typing import Any

import sqlalchemy as sa
from flask import url_for

from canteen.models import Diner, Eligibility
from canteen.values import EligibilityState
from core.access import OFFICE, Actor, Role
from core.db import db
from core.evidence.subjects import register_subject

_MAY_SEE = frozenset({*OFFICE, Role.AUDITOR})
_MAY_PROPOSE = frozenset(OFFICE)
_MAY_DECIDE = frozenset({Role.ADMIN, Role.REVIEWER})


def subject_of(paper: Eligibility | sa.Row[Any]) -> str:
    """The subject of a paper's attachments. paper: the eligibility, or as much as its person_id and id."""
    return f"eligibility:{paper.person_id}.{paper.id}"


def _found(key: str) -> tuple[Eligibility, Diner] | None:
    person_id, dot, number = key.partition(".")
    try:
        wanted = int(person_id), uuid.UUID(number)
    except ValueError:
        return None
    paper = db.session.get(Eligibility, wanted) if dot else None
    diner = db.session.get(Diner, wanted[0]) if paper else None
    return (paper, diner) if paper and diner else None


def _allowed(key: str, by: Actor, roles: frozenset[Role]) -> bool | None:
    found = _found(key)
    if found is None:
        return None
    by = by.narrowed(roles)
    return by.has(*roles) and by.sees_site(found[1].home_site_id)


def _may_see(key: str, by: Actor) -> bool | None:
    return _allowed(key, by, _MAY_SEE)


def _may_attach(key: str, by: Actor) -> bool | None:
    return _allowed(key, by, _MAY_PROPOSE)


def _may_remove(key: str, by: Actor) -> bool | None:
    """Once it was decided on, what it was decided on goes only by one who decides."""
    found = _found(key)
    is_open = found is None or found[0].state is EligibilityState.PROPOSED
    return _allowed(key, by, _MAY_PROPOSE if is_open else _MAY_DECIDE)


def _page(key: str) -> str:
    return url_for("canteen.diner", person_id=_person_of(key))


def _person_of(key: str) -> int:
    return int(key.partition(".")[0])


register_subject(
    "eligibility", _may_see, _may_attach, _page, may_remove=_may_remove, person_of=_person_of
)
