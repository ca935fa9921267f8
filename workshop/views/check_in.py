"""The learner's own check-in, without an account: the code of her room, her name, four digits.

The code of a QR symbol stands behind the # of an address, which no browser sends to a server; name
and digits are posted. So nothing about her is in an address, a log or a history.
"""

import secrets

from flask import Blueprint, jsonify, make_response, render_template, request
from werkzeug.wrappers import Response

from core import clock
from core.access import public
from core.edge import sentence, wants_json
from core.errors import RuleError, text_of
from core.privacy import blind_index
from workshop import words
from workshop.actions import check_in as actions

bp = Blueprint("check_in", __name__, url_prefix="/check-in")
COOKIE = "zhuhe_phone"
COOKIE_S = 30 * 24 * 3600


@bp.after_request
def _not_for_search_engines(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def phone_hash(token: str) -> str:
    """What is kept of a phone: a keyed hash of a random number in its browser."""
    return blind_index("check-in-phone", token)


@bp.get("")
@public
def index() -> Response:
    """Three fields, or how today's check-in from this phone stands."""
    token = request.cookies.get(COOKIE, "")
    answer = actions.state_of(phone_hash(token), clock.now()) if token else None
    if answer and request.args.get("again") is None:
        return _page(answer=answer)
    return _page()


@bp.post("")
@public
def create_check_in() -> Response:
    """Send it; whatever is wrong, what was typed stays."""
    token = request.cookies.get(COOKIE) or secrets.token_urlsafe(24)
    typed = {name: request.form.get(name, "")[:64] for name in ("code", "name", "last4")}
    try:
        answer = actions.check_in(
            typed["code"], typed["name"], typed["last4"], phone_hash=phone_hash(token),
            address=request.remote_addr or "", now=clock.now(),
        )  # fmt: skip
    except RuleError as error:
        text = text_of(error)
        response = _page(typed, error=sentence(error), status=text.status if text else 409)
    else:
        response = _page(answer=answer)
    response.set_cookie(
        COOKIE, token, max_age=COOKIE_S, httponly=True, samesite="Lax", secure=request.is_secure,
        path="/check-in",
    )  # fmt: skip
    return response


@bp.get("/state")
@public
def state() -> Response:
    """How the check-in from this phone stands, for its page to ask."""
    token = request.cookies.get(COOKIE, "")
    answer = actions.state_of(phone_hash(token), clock.now()) if token else None
    return jsonify(state=answer.state.value if answer else None)


def _page(
    typed: dict[str, str] | None = None, *, answer: actions.Answer | None = None, error: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    if wants_json():
        return make_response(
            jsonify(message=error, state=answer.state.value if answer else None), status
        )
    page = render_template(
        "workshop/check_in.html", typed=typed or {}, answer=answer, error=error, words=words
    )
    return make_response(page, status)
