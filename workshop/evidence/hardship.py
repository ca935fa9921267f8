"""Papers of a hardship (低保证, 残疾证, 失业登记 …). Office, coordinators and auditors see them, trainers never.

Subject "hardship:<person_id>.<id>".
"""

import uuid
from typing import Any

import sqlalchemy as sa
from flask import url_for

from core.access import OFFICE, Actor, Role
from core.db import db
from core.evidence.subjects import register_subject
from core.forms import posted_id
from workshop.models import HardshipTag, Learner

_MAY_SEE = frozenset({*OFFICE, Role.COORDINATOR, Role.AUDITOR})
_MAY_ATTACH = frozenset({*OFFICE, Role.COORDINATOR})
# A certificate that was relied on goes only by the office's hand.
_MAY_REMOVE = frozenset(OFFICE)


def subject_of(tag: HardshipTag | sa.Row[Any]) -> str:
    """The subject of a tag's attachments. tag: the tag, or as much as its person_id and id."""
    return f"hardship:{tag.person_id}.{tag.id}"


def _found(key: str) -> tuple[HardshipTag, Learner] | None:
    person_id, dot, number = key.partition(".")
    try:
        wanted = posted_id(person_id), uuid.UUID(number)
    except ValueError:
        return None
    tag = db.session.get(HardshipTag, wanted) if dot else None
    learner = db.session.get(Learner, wanted[0]) if tag else None
    return (tag, learner) if tag and learner else None


def _allowed(key: str, by: Actor, roles: frozenset[Role]) -> bool | None:
    found = _found(key)
    if found is None:
        return None
    if Role.AUDITOR in roles and by.has(Role.AUDITOR):
        return True
    return by.holds_at(found[1].home_site_id, *roles)


def _may_see(key: str, by: Actor) -> bool | None:
    return _allowed(key, by, _MAY_SEE)


def _may_attach(key: str, by: Actor) -> bool | None:
    return _allowed(key, by, _MAY_ATTACH)


def _may_remove(key: str, by: Actor) -> bool | None:
    return _allowed(key, by, _MAY_REMOVE)


def _page(key: str) -> str:
    return url_for("workshop.learner", person_id=_person_of(key))


def _person_of(key: str) -> int:
    return int(key.partition(".")[0])


register_subject(
    "hardship", _may_see, _may_attach, _page, may_remove=_may_remove, person_of=_person_of
)
