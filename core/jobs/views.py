"""The page of a job: how far it is, cancel it, fetch what it made. Everybody sees only their own."""

import uuid
from datetime import datetime
from io import BytesIO

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from core import audit, clock
from core.access import EVERYBODY, current_actor, requires
from core.db import db, transaction
from core.errors import RuleError, text_of
from core.jobs.models import UNFINISHED, Job, JobFile, JobState
from core.jobs.tasks import cancel, page_of, title_of

bp = Blueprint("jobs", __name__, url_prefix="/jobs")

STATE_WORDS = {
    JobState.QUEUED: ("wait", _l("Waiting")),
    JobState.RUNNING: ("info", _l("In progress")),
    JobState.DONE: ("ok", _l("Finished")),
    JobState.FAILED: ("bad", _l("Not done")),
    JobState.CANCELLED: ("off", _l("Cancelled")),
}
# Waiting longer than this means that nobody is working: say so instead of spinning for ever.
SLOW_START_S = 30


@bp.get("/")
@requires(*EVERYBODY)
def index() -> str:
    """What I asked for lately."""
    mine = (
        sa.select(Job, JobFile.expires_at)
        .outerjoin(JobFile, JobFile.job_id == Job.id)
        .where(Job.user_id == current_actor().user_id)
        .order_by(Job.created_at.desc())
        .limit(50)
    )
    rows = db.session.execute(mine).all() if current_actor().user_id is not None else []
    return render_template("jobs/index.html", rows=rows, title_of=title_of, words=STATE_WORDS)


@bp.get("/<uuid:job_id>")
@requires(*EVERYBODY)
def show(job_id: uuid.UUID) -> str:
    """One job; asks again every second until it is over."""
    return _page("jobs/show.html", _own(job_id))


@bp.get("/<uuid:job_id>/progress")
@requires(*EVERYBODY)
def progress(job_id: uuid.UUID) -> str:
    """The part of the page that changes."""
    return _page("jobs/_progress.html", _own(job_id))


@bp.post("/<uuid:job_id>/cancellation")
@requires(*EVERYBODY)
def create_cancellation(job_id: uuid.UUID) -> Response:
    """Stop it."""
    try:
        cancel(_own(job_id).id, by=current_actor(), now=clock.now())
        flash(_("It will stop at its next step."), "info")
    except RuleError as error:
        text = text_of(error)
        flash(text.sentence if text else error.code, "warning")
    return redirect(url_for("jobs.show", job_id=job_id))


@bp.get("/<uuid:job_id>/file")
@requires(*EVERYBODY)
def file(job_id: uuid.UUID) -> Response:
    """What it made; noted in the log, because it may hold personal data."""
    job, now = _own(job_id), clock.now()
    found = db.session.get(JobFile, job.id)
    if found is None or found.expires_at <= now:
        flash(
            _("The file has been deleted after its time. Start the work again to make a new one."),
            "warning",
        )
        return redirect(url_for("jobs.show", job_id=job_id))
    content, name, media_type = found.content, found.name, found.media_type
    with transaction() as session:
        audit.record(session, "job.file_fetched", subject=f"job:{job.id}", by=current_actor(), now=now,
                     after={"job": job.name, "file": name})  # fmt: skip
    answer = send_file(
        BytesIO(content), media_type, as_attachment=True, download_name=name, max_age=0
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _own(job_id: uuid.UUID) -> Job:
    """The job, if the signed-in user asked for it; for everybody else it does not exist."""
    job = db.session.get(Job, job_id)
    actor = current_actor()
    if job is None or actor.user_id is None or job.user_id != actor.user_id:
        abort(404)
    return job


def _page(template: str, job: Job) -> str:
    now = clock.now()
    found = db.session.execute(
        sa.select(JobFile.name, JobFile.size_bytes, JobFile.expires_at).where(
            JobFile.job_id == job.id, JobFile.expires_at > now
        )
    ).first()
    return render_template(
        template,
        job=job,
        title=title_of(job),
        back=page_of(job),
        word=STATE_WORDS[job.state],
        note=note_of(job),
        step=step_of(job),
        file=found,
        is_over=job.state not in UNFINISHED,
        is_slow=is_slow(job, now),
    )


def note_of(job: Job) -> tuple[str, str] | None:
    """What to know about the outcome, and of which kind it is: good news, a warning, or bad."""
    if job.note_code is None:
        return None
    text = text_of(RuleError(job.note_code))
    if text is None:
        return "warn", job.note_code
    kind = "ok" if text.status < 400 else "bad" if text.status >= 500 else "warn"
    words = str(text.sentence) % (job.note_details or {})
    return "bad" if job.state is JobState.FAILED else kind, words


def step_of(job: Job) -> str | None:
    """What the job does now, in words."""
    text = text_of(RuleError(job.step)) if job.step else None
    return str(text.sentence) if text else None


def is_slow(job: Job, now: datetime) -> bool:
    """Whether nobody has taken the job up for too long."""
    return job.state is JobState.QUEUED and (now - job.created_at).total_seconds() > SLOW_START_S
