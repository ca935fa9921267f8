"""The audit log on the screen: search, one entry with masked values, the state of the chain."""

import re
import uuid
from datetime import time, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import SearchField
from wtforms.validators import Length, Optional

from core import audit, audit_job, clock
from core.access import Role, current_actor, requires
from core.audit import AuditEntry
from core.audit_words import action_word, codes_for, subject_word
from core.db import db, transaction
from core.forms import FilterForm, day_field, posted_id, stripped
from core.jobs import enqueue
from core.logs import mask
from core.people.lookup import posts_filters
from core.privacy import mask_address, mask_id_number, mask_name, mask_phone
from core.show import paginate

bp = Blueprint("audit", __name__, url_prefix="/office/audit")

# Subjects that are residents, or belong to one: their values are shown masked.
PERSONAL = re.compile(r"^(person|card|diner|learner|eligibility|meal|import|household)\b")
_MASKS = {
    "name": mask_name, "phone": mask_phone, "id_number": mask_id_number, "address": mask_address,
}  # fmt: skip
# Words by which a value is told without its content giving anybody away.
_HARMLESS = re.compile(r"^[a-z0-9_:.+-]{0,40}$|^\d{4}-\d{2}-\d{2}")


class AuditFilter(FilterForm):
    """Who, what, when, about whom."""

    who = SearchField(_l("Who"), [Optional(), Length(max=32)], filters=[stripped])
    what = SearchField(_l("What"), [Optional(), Length(max=64)], filters=[stripped])
    person = SearchField(_l("Resident's number"), [Optional(), Length(max=12)], filters=[stripped],
                         render_kw={"inputmode": "numeric"})  # fmt: skip
    since = day_field(_l("From"), required=False)
    until = day_field(_l("To"), required=False)


@bp.route("", methods=["GET", "POST"])
@requires(Role.ADMIN, Role.REVIEWER, Role.AUDITOR)
@posts_filters()
def index() -> str:
    """The newest changes first."""
    form = AuditFilter()
    page = paginate(_filtered(form))
    return render_template("office/audit.html", form=form, page=page, chain=audit.seal_state(),
                           action_word=action_word, subject_word=subject_word)  # fmt: skip


def _filtered(form: AuditFilter) -> sa.Select[Any]:
    statement = sa.select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    if text := form.value_of("who"):
        statement = statement.where(AuditEntry.actor_name.icontains(text, autoescape=True))
    if text := form.value_of("what"):
        nouns, verbs = codes_for(text)
        statement = statement.where(sa.or_(
            AuditEntry.action.icontains(text, autoescape=True),
            AuditEntry.subject.icontains(text, autoescape=True),
            *(AuditEntry.action.startswith(f"{noun}.", autoescape=True) for noun in nouns),
            *(AuditEntry.action.endswith(f".{verb}", autoescape=True) for verb in verbs),
        ))  # fmt: skip
    if text := form.value_of("person"):
        is_number = text.isascii() and text.isdigit()
        statement = statement.where(AuditEntry.person_id == (posted_id(text) if is_number else -1))
    if day := form.value_of("since"):
        statement = statement.where(AuditEntry.at >= clock.moment_of(day, time.min))
    if day := form.value_of("until"):
        statement = statement.where(
            AuditEntry.at < clock.moment_of(day + timedelta(days=1), time.min)
        )
    return statement


@bp.get("/<uuid:entry_id>")
@requires(Role.ADMIN, Role.REVIEWER, Role.AUDITOR)
def show(entry_id: uuid.UUID) -> str:
    """One entry with what stood there before and after; an auditor's look is itself recorded."""
    entry = db.get_or_404(AuditEntry, entry_id)
    actor = current_actor()
    if actor.has(Role.AUDITOR):
        with transaction() as session:
            audit.record(session, "audit.looked_at", subject=f"audit:{entry.id}", by=actor,
                         now=clock.now(), person_id=entry.person_id)  # fmt: skip
    values = audit.values_of([entry]).get(entry.id)
    return render_template(
        "office/audit_entry.html", entry=entry, rows=_rows(entry, values), is_erased=_is_erased(entry, values),
        is_sealed=audit.is_sealed(entry.id), action_word=action_word, subject_word=subject_word,
    )  # fmt: skip


def _is_erased(entry: AuditEntry, values: dict[str, Any] | None) -> bool:
    return entry.values_digest is not None and values is None


def _rows(entry: AuditEntry, values: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    """Field, before, after; personal values masked on the server."""
    before, after = ((values or {}).get(side) or {} for side in ("before", "after"))
    personal = entry.person_id is not None or bool(PERSONAL.match(entry.subject))
    return [
        (name, shown(name, before.get(name), personal), shown(name, after.get(name), personal))
        for name in dict.fromkeys([*before, *after])
    ]


def shown(name: str, value: Any, personal: bool) -> str:
    """One value as text. Of a resident nothing is spelt out but codes, days and figures."""
    if value is None or value == "" or value == []:
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(shown(name, item, personal) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {shown(key, item, personal)}" for key, item in value.items())
    text = str(value)
    if not personal:
        return mask(text)
    if name in _MASKS:
        return _MASKS[name](text)
    return mask(text) if _HARMLESS.match(text) else f"{text[:1]}***"


@bp.post("/verification")
@requires(Role.ADMIN, Role.REVIEWER, Role.AUDITOR)
def verify() -> Response:
    """Ask for the whole log to be verified, and show how far that is."""
    job = enqueue(audit_job.JOB, by=current_actor(), now=clock.now())
    return redirect(url_for("jobs.show", job_id=job.id))
