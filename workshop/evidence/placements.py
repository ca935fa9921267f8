"""Papers of a placement (劳动合同, 社保记录, …). Subject "placement:<person_id>.<id>".

Those who follow learners see and attach them, and auditors see them; trainers do neither. Once it
is verified, what it was verified by goes only by one of the office who decides.
"""

import uuid

from flask import url_for

from core.access import OFFICE, Actor, Role
from core.db import db
from core.evidence.subjects import register_subject
from core.forms import posted_id
from workshop.models import Placement

_MAY_ATTACH = frozenset({*OFFICE, Role.COORDINATOR})
_MAY_SEE = frozenset({*_MAY_ATTACH, Role.AUDITOR})
_MAY_DECIDE = frozenset({Role.ADMIN, Role.REVIEWER})


def _found(key: str) -> Placement | None:
    person_id, dot, number = key.partition(".")
    try:
        wanted = posted_id(person_id), uuid.UUID(number)
    except ValueError:
        return None
    return db.session.get(Placement, wanted) if dot else None


def _allowed(key: str, by: Actor, roles: frozenset[Role]) -> bool | None:
    row = _found(key)
    if row is None:
        return None
    return by.holds_at(row.site_id, *roles)


def _may_see(key: str, by: Actor) -> bool | None:
    return _allowed(key, by, _MAY_SEE)


def _may_attach(key: str, by: Actor) -> bool | None:
    return _allowed(key, by, _MAY_ATTACH)


def _may_remove(key: str, by: Actor) -> bool | None:
    row = _found(key)
    is_open = row is None or row.verified_on is None
    return _allowed(key, by, _MAY_ATTACH if is_open else _MAY_DECIDE)


def _page(key: str) -> str:
    row = _found(key)
    assert row is not None
    return url_for("workshop.placement", person_id=row.person_id, placement_id=row.id)


register_subject(
    "placement", _may_see, _may_attach, _page, may_remove=_may_remove,
    person_of=lambda key: int(key.partition(".")[0]),
)  # fmt: skip
