"""Papers of a report: above all the scan of the one that was signed and stamped. Subject "report:<id>"."""

import uuid

from core.access import OFFICE, Actor, Role
from core.db import db
from core.evidence.subjects import register_subject
from core.reports.models import Report
from core.reports.values import ALL, ReportState
from core.sites.models import site_by_slug

_MAY_SEE = frozenset({*OFFICE, Role.AUDITOR})
_MAY_ATTACH = frozenset(OFFICE)


def _allowed(key: str, by: Actor, roles: frozenset[Role]) -> bool | None:
    report = _report(key)
    if report is None:
        return None
    by = by.narrowed(roles)
    if not by.has(*roles):
        return False
    if report.scope == ALL:
        return by.site_ids is None
    site = site_by_slug(report.scope)
    return by.sees_site(site.id) if site else by.site_ids is None


def _report(key: str) -> Report | None:
    try:
        return db.session.get(Report, uuid.UUID(key))
    except ValueError:
        return None


def _may_see(key: str, by: Actor) -> bool | None:
    return _allowed(key, by, _MAY_SEE)


def _may_attach(key: str, by: Actor) -> bool | None:
    return _allowed(key, by, _MAY_ATTACH)


def _may_remove(key: str, by: Actor) -> bool | None:
    """What a report was signed and submitted with stays; only an administrator takes out what never
    belonged there."""
    report = _report(key)
    is_signed = report is not None and (
        report.state is ReportState.SIGNED or report.state.was_submitted
    )
    return _allowed(key, by, frozenset({Role.ADMIN}) if is_signed else _MAY_ATTACH)


register_subject(
    "report", _may_see, _may_attach, lambda key: f"/reports/{key}", may_remove=_may_remove
)
