"""Where the rules meet HTTP: errors in sentences, security headers, the values every page needs."""

import secrets
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
import structlog
from flask import (
    Flask,
    abort,
    current_app,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.globals import request_ctx
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter, Map, ValidationError
from werkzeug.wrappers import Response

from core import access, show
from core.accounts.sessions import DEVICE_COOKIE
from core.config import ROOT
from core.db import is_busy, is_taken
from core.errors import Busy, RuleError, Text, describe, text_of
from core.forms import LARGEST_ID
from core.language import LANGUAGES
from core.navigation import colour_of, navigation, place_of, programmes_of
from core.privacy import whole_number_in
from core.reception import REFUSED

log = structlog.get_logger("edge")
csrf = CSRFProtect()

describe({
    "number_in_address": Text(_l("An ID number or card code stands in the address. Nothing was done; "
                                 "send it in the body of a request."), 400),
})  # fmt: skip

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
PERMISSIONS = "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"


class IntegerInAddress(IntegerConverter):
    """An id in an address: one that no database holds is of nothing, 404, as any unknown one."""

    def __init__(self, url_map: Map, **more: Any) -> None:
        super().__init__(url_map, **{"max": LARGEST_ID, **more})

    def to_python(self, value: str) -> int:
        if len(value) > 18:  # before it is read: Python itself refuses thousands of digits
            raise ValidationError
        return int(super().to_python(value))


def init_app(app: Flask) -> None:
    """Register checks, headers, error pages and template values."""
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=True
    )
    csrf.init_app(app)
    app.before_request(_new_nonce)
    app.before_request(_refuse_what_did_not_arrive)
    app.before_request(_keep_numbers_out)
    app.before_request(access.check)
    app.before_request(_refuse_many_fields)
    app.before_request(_check_csrf)
    app.before_request(_refuse_nul)
    app.after_request(_headers)
    app.register_error_handler(RuleError, _rule_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Busy, _busy)
    app.register_error_handler(sa.exc.DBAPIError, _database_error)
    app.register_error_handler(sa.exc.TimeoutError, _busy)
    app.register_error_handler(Exception, _unforeseen)
    app.context_processor(_page_values)
    app.jinja_env.filters.update(show.FILTERS)
    app.jinja_env.globals.update(csp_nonce=lambda: g.csp_nonce, static_url=static_url)
    app.extensions["zhuhe_static_hashes"] = {}


def sentence(error: RuleError) -> str:
    """What to tell the person at the screen: what happened, and what to do."""
    text = text_of(error)
    if text is None:
        log.error("error.undescribed", code=error.code)
        return _("This can't be done (%(code)s). Nothing was changed.", code=error.code)
    return str(text.sentence) % error.details if error.details else str(text.sentence)


def wants_json() -> bool:
    """Programs and our own scripts get JSON, people a page."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def static_url(path: str) -> str:
    """The address of a packaged file with its content's hash, so that browsers may keep it."""
    hashes: dict[str, str] = current_app.extensions["zhuhe_static_hashes"]
    if path not in hashes or current_app.debug:
        hashes[path] = sha256((ROOT / "static" / path).read_bytes()).hexdigest()[:12]
    return url_for("static", filename=path, v=hashes[path])


def _new_nonce() -> None:
    g.csp_nonce = secrets.token_urlsafe(16)


def _keep_numbers_out() -> Response | None:
    """Take an ID number or card code out of an address before anything else sees or keeps it.

    Search fields post; this is for addresses typed by hand, old bookmarks and programs.
    """
    if request.endpoint == "static" or not request.args:
        return None
    pairs = list(request.args.items(multi=True))
    clean = [pair for pair in pairs if not any(map(whole_number_in, pair))]
    if clean == pairs:
        return None
    log.warning("address.number", endpoint=request.endpoint)
    if request.method not in ("GET", "HEAD") or wants_json():
        raise RuleError("number_in_address")
    flash(
        _("Whole numbers are not kept in an address. Type them into the search field."), "warning"
    )
    return redirect(f"{request.path}?{urlencode(clean)}" if clean else request.path)


def _refuse_what_did_not_arrive() -> None:
    """What core/reception.py could not let in."""
    status = request.environ.get(REFUSED)
    if status == 503:
        raise Busy
    if status:
        abort(status)


def _refuse_many_fields() -> None:
    """Werkzeug limits the parts of a multipart form, and no other form at all."""
    if request.mimetype == "application/x-www-form-urlencoded":
        fields = 1 + request.get_data(parse_form_data=False).count(b"&")
        if fields > current_app.config["MAX_FORM_PARTS"]:
            raise RequestEntityTooLarge


def _check_csrf() -> None:
    """For all but bearer requests: a browser sends no Authorization header by itself."""
    if request.method in ("GET", "HEAD", "OPTIONS", "TRACE"):
        return
    if request.headers.get("Authorization", "").startswith("Bearer "):
        return
    origin = request.headers.get("Origin")
    if origin and origin != request.host_url.rstrip("/"):
        log.warning("csrf.foreign_origin", endpoint=request.endpoint)
        raise CSRFError("foreign origin")
    csrf.protect()


def _refuse_nul() -> None:
    """No database text holds a NUL: PostgreSQL refuses it, and no hand types it."""
    if "\0" in request.path:
        abort(404)
    sent = [*request.args.items(multi=True)]
    if request.mimetype in FORMS:
        sent += request.form.items(multi=True)
        sent += ((name, file.filename or "") for name, file in request.files.items(multi=True))
    if any("\0" in text for pair in sent for text in pair):
        raise RuleError("hidden_characters")


def _headers(response: Response) -> Response:
    nonce = g.get("csp_nonce", "")
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; "
        "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; "
        "worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", PERMISSIONS)
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if current_app.config["HTTPS"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _answer(
    status: int, code: str, message: str, details: dict[str, Any] | None = None
) -> Response:
    """One shape of error for programs, one page for people."""
    if request_ctx.url_adapter is None:  # a forged Host: no link on a page could be made
        return Response(message, status, content_type="text/plain; charset=utf-8")
    if wants_json():
        response = jsonify(code=code, message=message, details=details or {})
    else:
        page = render_template("error.html", heading=_heading(status), code=code, message=message)
        response = current_app.make_response(page)
    response.status_code = status
    return response


def _heading(status: int) -> str:
    if status in (409, 422, 429, 503):
        return str(_("Not now"))
    if status in (404, 410):
        return str(_("Nothing is here"))
    return str(_("Not for this account") if status == 403 else _("That did not work"))


def _rule_error(error: RuleError) -> Response:
    text = text_of(error)
    response = _answer(text.status if text else 409, error.code, sentence(error), error.details)
    if wait_s := error.details.get("retry_after_s"):
        response.headers["Retry-After"] = str(wait_s)
    return response


def _csrf_error(_error: CSRFError) -> Response:
    return _answer(403, "csrf", _("This form is too old or came from elsewhere. Go back, load the page "
                                  "again and repeat what you did. Nothing was changed."))  # fmt: skip


def http_sentence(error: HTTPException) -> str:
    """The same for an error of HTTP."""
    messages: dict[int, Callable[[], str]] = {
        400: lambda: _(
            "The request could not be read. Go back and try again. Nothing was changed."
        ),
        401: lambda: _(
            "You are not signed in, or this device's permission has ended. Sign in again."
        ),
        403: lambda: _("This is not open to your role or site. Ask the office if you need it."),
        404: lambda: _(
            "There is nothing at this address. It may have been moved, or the link is incomplete."
        ),
        405: lambda: _("This address does not take this kind of request."),
        408: lambda: _(
            "The connection was too slow, and not everything arrived. Nothing was saved; try again."
        ),
        413: lambda: _("This is too large. Nothing was saved; send a smaller file."),
        415: lambda: _("This address takes JSON only. Nothing was saved."),
        429: lambda: _("Too many tries in a short time. Please wait a minute."),
    }
    told = messages.get(error.code or 500)
    return told() if told else str(error.description)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    response = _answer(status, error.name.lower().replace(" ", "_"), http_sentence(error))
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def busy_sentence() -> str:
    """The same for a database that cannot be had just now."""
    return str(_("The database is busy just now. Nothing was lost; it is tried again in a moment."))


def _busy(_error: Exception) -> Response:
    response = _answer(503, "busy", busy_sentence())
    response.headers["Retry-After"] = str(Busy.retry_after_s)
    return response


def _database_error(error: sa.exc.DBAPIError) -> Response:
    if is_busy(error):
        log.warning("database.busy", endpoint=request.endpoint)
        return _busy(error)
    if is_taken(error):
        log.warning("database.taken", endpoint=request.endpoint)
        return _answer(409, "taken", _("Somebody saved the same in the same moment; nothing was saved twice. "
                                       "Load the page again and look at what is there."))  # fmt: skip
    return _unforeseen(error)


def _unforeseen(error: Exception) -> Response:
    # The exception's own text may quote a row: its type and place are enough to find it.
    log.error(
        "error.unforeseen", endpoint=request.endpoint, kind=type(error).__name__, exc_info=error
    )
    if current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    full = "disk is full" in str(error) or "No space left" in str(error)
    if full:
        return _answer(507, "disk_full", _("The disk of the server is full, so nothing can be saved. "
                                           "Call the administrator; reading still works."))  # fmt: skip
    if "disk I/O error" in str(error):  # SQLite's words for a write or a sync that failed
        return _answer(507, "disk_failed", _("The disk of the server does not keep what is written, so nothing "
                                             "was saved. Call the administrator; reading still works."))  # fmt: skip
    return _answer(500, "unforeseen", _("Something went wrong on our side. What you entered last was not "
                                        "saved; what was saved before is safe."))  # fmt: skip


def _page_values() -> dict[str, Any]:
    """What base.html needs: who is here and where they may go."""
    actor = g.get("actor")
    theirs = programmes_of(actor)
    items = navigation(actor, theirs) if actor else []
    place = place_of(request.path, items)
    return {
        "actor": actor,
        "colour": colour_of(theirs, request.blueprint),
        "nav": [
            {"endpoint": item.endpoint, "label": item.label, "icon": item.icon,
             "active": item is place}
            for item in items
        ],
        "languages": LANGUAGES,
        "current_locale": str(get_locale() or "zh_Hans"),
        "office_name": current_app.config["OFFICE_NAME"],
        "on_device": DEVICE_COOKIE in request.cookies,
    }  # fmt: skip
