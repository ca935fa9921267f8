"""Papers of a session (签到表, 照片): that it was held, and who signed.

Subject "session:<id>". Whoever sees the session sees and attaches; what was attached is taken away
only by those who plan. Auditors see.
"""

import sqlalchemy as sa
from flask import url_for

from core.access import OFFICE, Actor, Role
from core.db import db
from core.evidence.subjects import register_subject
from workshop.models import Session

KIND = "session"
_MAY_REMOVE = frozenset({*OFFICE, Role.MANAGER, Role.COORDINATOR})
_MAY_ATTACH = _MAY_REMOVE | {Role.TRAINER}
_MAY_SEE = _MAY_ATTACH | {Role.AUDITOR}


def subject_of(session_id: int) -> str:
    """The subject of a session's attachments."""
    return f"{KIND}:{session_id}"


def _allowed(key: str, by: Actor, roles: frozenset[Role]) -> bool | None:
    # Imported here because the page of a session needs the subject's name, and views stand above.
    from workshop.views.visible import sessions_of

    number = int(key) if key.isdecimal() and len(key) < 10 else None
    if number is None or db.session.get(Session, number) is None:
        return None
    by = by.narrowed(roles)
    if not by.has(*roles):
        return False
    if Role.AUDITOR in roles and by.has(Role.AUDITOR):
        return True
    statement = (
        sa.select(Session.id).join(Session.cohort).where(Session.id == number, sessions_of(by))
    )
    return db.session.scalar(statement) is not None


def _may_see(key: str, by: Actor) -> bool | None:
    return _allowed(key, by, _MAY_SEE)


def _may_attach(key: str, by: Actor) -> bool | None:
    return _allowed(key, by, _MAY_ATTACH)


def _may_remove(key: str, by: Actor) -> bool | None:
    return _allowed(key, by, _MAY_REMOVE)


def _page(key: str) -> str:
    return url_for("workshop.session", session_id=int(key))


register_subject(KIND, _may_see, _may_attach, _page, may_remove=_may_remove)
