"""Public pages on which anybody checks a report on paper: what was issued, and whether it still stands.

No name and nothing about a person is on them. A code that nobody was given always reads the same, and
whoever tries many is made to wait; a code that exists is never slowed.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import load_only
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField
from wtforms.validators import Length

from core import clock, guessing
from core.access import public
from core.db import db, transaction
from core.forms import stripped
from core.reports import codes, reads, words
from core.reports.models import IssuedReport, Report
from core.reports.values import ALL, Period, ReportState, Unit
from core.show import exact_day

NO_CODE = "unknown"  # where everything leads that can be no code
bp = Blueprint("verification", __name__, url_prefix="/verify")


class CodeForm(FlaskForm):
    """The code printed beside the square. Posted: what else people type there stands in no address."""

    code = StringField(_l("Code on the paper"), [Length(max=64)], filters=[stripped],
                       description=_l("Blanks and dashes do not matter."))  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """How a paper stands now: kind of mark, the sentence, and what to do."""

    mark: str
    sentence: str
    advice: str


@bp.after_request
def _not_for_search_engines(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@bp.route("", methods=["GET", "POST"])
@public
def index() -> AnyResponse | str:
    """A field for the code."""
    form = CodeForm()
    if form.validate_on_submit() and form.code.data:
        return redirect(url_for("verification.show", token=codes.read(form.code.data) or NO_CODE))
    return render_template("reports/verify.html", form=form)


@bp.get("/<token>")
@public
def show(token: str) -> AnyResponse | str:
    """What was issued under this code, and whether it is the newest."""
    code = codes.read(token)
    issued = db.session.scalar(sa.select(IssuedReport).where(IssuedReport.token == code))
    if issued is None:
        return _unknown(clock.now())
    newer = db.session.scalar(
        sa.select(IssuedReport)
        .where(
            IssuedReport.name == issued.name, IssuedReport.scope == issued.scope,
            IssuedReport.period == issued.period, IssuedReport.revision > issued.revision,
        )
        .order_by(IssuedReport.revision.desc())
        .limit(1)
        .options(load_only(IssuedReport.revision, IssuedReport.issued_at))
    )  # fmt: skip
    state = db.session.scalar(sa.select(Report.state).where(Report.id == issued.id))
    return render_template(
        "reports/verify_show.html", issued=issued, files=reads.files_of([issued.id]).get(issued.id, []),
        verdict=_verdict(issued, newer, state or ReportState.ISSUED), title=reads.title_of(issued.name),
        scope=None if issued.scope == ALL else reads.scope_names().get(issued.scope, issued.scope),
        period=words.period_words(Period.parse(issued.period)), revision=words.revision_words(issued.revision),
        outputs=words.OUTPUT, headline=_headline(issued), code=codes.grouped(issued.token),
    )  # fmt: skip


def _headline(issued: IssuedReport) -> list[tuple[str, str]]:
    """Label and figure; what is too small to be told is said to be so."""
    return [
        (
            label,
            _("too small to be published") if value is None else words.amount(value, Unit(unit)),
        )
        for _key, label, unit, value in issued.headline
    ]


def _verdict(issued: IssuedReport, newer: IssuedReport | None, state: ReportState) -> Verdict:
    if newer is not None:
        return Verdict("warn", _("There is revision %(number)s: this one has been corrected", number=newer.revision),
                       _("The newer revision was issued on %(day)s. Ask the office for it and do not use "
                         "this one any more.", day=exact_day(newer.issued_at)))  # fmt: skip
    if state is ReportState.RETURNED:
        return Verdict("bad", _("This report was returned by its receiver"),
                       _("Ask the office before you use it."))  # fmt: skip
    done = {
        ReportState.ISSUED: _("It was issued, and not yet submitted."),
        ReportState.SIGNED: _("It was signed and stamped, and not yet submitted."),
        ReportState.SUBMITTED: _("It was submitted to its receiver."),
        ReportState.CLOSED: _("It was submitted, and its receiver has concluded it."),
    }
    return Verdict("ok", _("This is the newest revision"), done.get(state, ""))


def _unknown(now: datetime) -> AnyResponse:
    """The same answer for every code that nobody was given."""
    key = guessing.key_of("report-codes", request.remote_addr or "")
    if guessing.counted(db.session(), key, now) >= current_app.config["UNKNOWN_CODES_PER_MINUTE"]:
        abort(429)
    with transaction() as session:
        guessing.count(session, key, now)
    return make_response(render_template("reports/verify_unknown.html", form=CodeForm()), 404)
