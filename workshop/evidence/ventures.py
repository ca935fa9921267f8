"""Papers of a venture (营业执照, 贷款合同, …). Subject "venture:<person_id>.<id>".

Those who follow learners see and attach them, and auditors see them; trainers do neither.
"""

import uuid

from flask import url_for

from core.access import OFFICE, Actor, Role
from core.db import db
from core.evidence.subjects import register_subject
from core.forms import posted_id
from workshop.models import Learner, Venture

_MAY_ATTACH = frozenset({*OFFICE, Role.MANAGER, Role.COORDINATOR})
_MAY_SEE = frozenset({*_MAY_ATTACH, Role.AUDITOR})


def _wanted(key: str) -> tuple[int, uuid.UUID] | None:
    person_id, dot, number = key.partition(".")
    try:
        return (posted_id(person_id), uuid.UUID(number)) if dot else None
    except ValueError:
        return None


def _allowed(key: str, by: Actor, roles: frozenset[Role]) -> bool | None:
    wanted = _wanted(key)
    if wanted is None or db.session.get(Venture, wanted) is None:
        return None
    learner = db.session.get_one(Learner, wanted[0])
    return by.holds_at(learner.home_site_id, *roles)


def _may_see(key: str, by: Actor) -> bool | None:
    return _allowed(key, by, _MAY_SEE)


def _may_attach(key: str, by: Actor) -> bool | None:
    return _allowed(key, by, _MAY_ATTACH)


def _page(key: str) -> str:
    wanted = _wanted(key)
    assert wanted is not None
    return url_for("workshop.venture", person_id=wanted[0], venture_id=wanted[1])


register_subject(
    "venture", _may_see, _may_attach, _page, person_of=lambda key: int(key.partition(".")[0])
)
