"""Papers over HTTP: attach, look at, remove. Who may is asked of the subject, not of the address."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import structlog
from flask import Blueprint, flash, g, jsonify, redirect, request
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import EVERYBODY, current_actor, requires
from core.db import db
from core.edge import sentence, wants_json
from core.errors import RuleError
from core.evidence.actions import content_of, remove
from core.evidence.box import Box, boxes
from core.evidence.models import Attachment
from core.evidence.subjects import kind_of, require
from core.evidence.uploads import allow_papers, attach_all, sent_files, takes_papers

bp = Blueprint("evidence", __name__, url_prefix="/evidence")
log = structlog.get_logger("access")

ENDING = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
# A paper is looked at and does nothing: no script, no form, no frame, no origin of its own.
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
)


@bp.before_app_request
def _allow_papers() -> None:
    allow_papers()


@bp.app_context_processor
def _for_templates() -> dict[str, Any]:
    def evidence_box(subject: str) -> Box:
        return boxes([subject], g.actor)[subject]

    return {"evidence_box": evidence_box}


@bp.post("/<subject>/attachments")
@requires(*EVERYBODY)
@takes_papers
def create(subject: str) -> Response:
    """Attach one or several papers to a subject."""
    kind, key = kind_of(subject)
    with _refusals_logged(subject):
        require(kind.may_attach, key, current_actor())
    files = sent_files()
    if files:
        title = request.form.get("title", "").strip()
        attach_all(subject, files, title=title, by=current_actor(), now=clock.now())
    else:
        flash(_("No file was chosen. Choose a photo or a PDF, then attach it."), "error")
    return _back(kind.page(key))


@contextmanager
def _refusals_logged(subject: str) -> Iterator[None]:
    """A refusal by a subject's guard is logged, as one by a view's roles is."""
    try:
        yield
    except RuleError as error:
        if error.code == "evidence_not_yours":
            log.warning("access.foreign_paper", endpoint=request.endpoint, subject=subject)
        raise


def _back(page: str) -> Response:
    """To the page of the subject; our own script is told where that is and goes there itself."""
    return jsonify(location=page) if wants_json() else redirect(page)


@bp.get("/attachments/<uuid:attachment_id>")
@requires(*EVERYBODY)
def show(attachment_id: uuid.UUID) -> FlaskResponse:
    """The paper itself; each look stands in the log."""
    with _refusals_logged(f"attachment:{attachment_id}"):
        look = content_of(attachment_id, by=current_actor(), now=clock.now())
    row = look.attachment
    answer = FlaskResponse(look.content, mimetype=row.media_type)
    name = quote(f"{row.title or _('scan')}.{ENDING[row.media_type]}", safe="")
    # An old browser shows no PDF in a sandbox; there it is fetched and opened outside.
    how = "attachment" if "download" in request.args else "inline"
    answer.headers["Content-Disposition"] = f"{how}; filename*=UTF-8''{name}"
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/attachments/<uuid:attachment_id>/removal")
@requires(*EVERYBODY)
def create_removal(attachment_id: uuid.UUID) -> Response:
    """Remove a paper for a reason; what it proved keeps the row."""
    reason = request.form.get("reason", "")
    try:
        with _refusals_logged(f"attachment:{attachment_id}"):
            row = remove(attachment_id, reason=reason, by=current_actor(), now=clock.now())
        flash(_("“%(title)s” is removed.", title=row.title), "success")
    except RuleError as error:
        found = db.session.get(Attachment, attachment_id)
        if found is None or error.code not in ("reason_needed", "evidence_gone"):
            raise
        row = found
        flash(sentence(error), "error")
    kind, key = kind_of(row.subject)
    return redirect(kind.page(key))
