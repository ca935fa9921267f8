"""Public pages on which anybody checks a certificate on paper.

They show what the certificate itself says and nothing more, and plainly when it was revoked. A code
that nobody was given always reads the same, and whoever tries many is made to wait.
"""

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
from werkzeug.wrappers import Response as AnyResponse

from core import clock, guessing
from core.access import public
from core.db import db, transaction
from workshop import certificate_codes as codes
from workshop.forms.certificates import CodeForm
from workshop.models import Certificate, CertificateNumber

NO_CODE = "unknown"  # where everything leads that can be no code
bp = Blueprint("certificate_verification", __name__, url_prefix="/certificates/verify")


@bp.after_request
def _not_kept(response: Response) -> Response:
    # A name stands on it: neither search engines nor caches on the way shall keep it.
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("", methods=["GET", "POST"])
@public
def index() -> AnyResponse | str:
    """A field for the code."""
    form = CodeForm()
    if form.validate_on_submit() and form.code.data:
        code = codes.read(form.code.data)
        token = f"{code.year:04d}{code.serial:04d}{code.seal}" if code else NO_CODE
        return redirect(url_for("certificate_verification.show", token=token))
    return render_template("workshop/verify.html", form=form)


@bp.get("/<token>")
@public
def show(token: str) -> AnyResponse | str:
    """What was issued under this code, and whether it still stands."""
    row = _certificate(token)
    if row is None:
        return _unknown(clock.now())
    return render_template("workshop/verify_show.html", row=row)


def _certificate(token: str) -> Certificate | None:
    code = codes.read(token)
    if code is None:
        return None
    number = db.session.scalar(
        sa.select(CertificateNumber).where(
            CertificateNumber.year == code.year, CertificateNumber.serial == code.serial
        )
    )
    # Compared also where there is no such number, so that the time of an answer tells nothing.
    is_genuine = codes.is_genuine(code, number.number if number else "")
    if number is None or not is_genuine:
        return None
    return db.session.get(Certificate, (number.person_id, number.certificate_id))


def _unknown(now: datetime) -> AnyResponse:
    """The same answer for every code that nobody was given."""
    key = guessing.key_of("certificate-codes", request.remote_addr or "")
    if guessing.counted(db.session(), key, now) >= current_app.config["UNKNOWN_CODES_PER_MINUTE"]:
        abort(429)
    with transaction() as session:
        guessing.count(session, key, now)
    return make_response(render_template("workshop/verify_unknown.html", form=CodeForm()), 404)
