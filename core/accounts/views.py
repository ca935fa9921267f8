"""Pages of sign-in, of one's own account, and the enrolment of a tablet."""

from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import (
    Blueprint,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from core import clock
from core.access import EVERYBODY, current_actor, public, requires
from core.accounts import actions
from core.accounts.forms import PasswordForm, PinForm, SignInForm, UnlockForm
from core.accounts.models import Device, User, UserSession
from core.accounts.sessions import DEVICE_COOKIE, current_session, end_session, start_session
from core.db import db, transaction
from core.errors import RuleError, Text, describe
from core.language import LANGUAGES

bp = Blueprint("accounts", __name__)

describe({
    "sign_in_wrong": Text(_l("Account or password is not right. Check both and try again."), 422),
    "sign_in_wait": Text(_l("Too many failed tries. Please wait %(minutes)s min, or ask for a new password."), 429),
    "own_password_first": Text(_l("Choose your own password first, under “My account”. Nothing was changed."), 403),
    "user_exists": Text(_l("There is already an account “%(name)s”. Choose another name."), 422),
    "user_ended": Text(_l("The account “%(name)s” is ended. Open it again instead.")),
    "user_self": Text(_l("This is your own account. Ask another administrator to end it.")),
    "reason_needed": Text(_l("Write a reason of at most 200 characters. Nothing was changed."), 422),
    "user_name_bad": Text(_l("An account's name has 2 to %(most)s characters and no blanks."), 422),
    "device_revoked": Text(_l("This device was ended already. Add it again as a new one.")),
    "device_not_a_tablet": Text(_l("Only a tablet is set up by a link. A program needs a new token: add it again.")),
    "role_needs_site": Text(_l("This role belongs to a site. Choose the site."), 422),
    "role_needs_no_site": Text(_l("This role is for the whole office. Leave the site empty."), 422),
    "last_admin": Text(_l("This is the last administrator. Make somebody else one first.")),
    "password_wrong": Text(_l("The present password is not right. Nothing was changed."), 422),
    "password_short": Text(_l("The new password is too short: at least %(least)s characters."), 422),
    "password_same": Text(_l("The new password is the same as the old one. Choose another."), 422),
    "pin_weak": Text(_l("A PIN has 4 to 8 digits that are not all the same."), 422),
    "pin_wrong": Text(_l("The PIN is not right. Try again."), 422),
    "pin_needed": Text(_l("Enter your PIN first. Scanning goes on without it."), 403),
    "enrolment_used": Text(_l("This link was used already or is too old. Make a new one under “Devices”."), 410),
})  # fmt: skip


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Response | str | tuple[str, int]:
    """Account and password; then on to where one wanted to go."""
    form = SignInForm()
    if form.validate_on_submit():
        now = clock.now()
        try:
            user = actions.check_password(
                form.name.data or "", form.password.data or "", request.remote_addr or "", now
            )
        except RuleError as error:
            from core.edge import sentence

            return render_template("accounts/sign_in.html", form=form, problem=sentence(error)), 422
        target = _own_page(request.args.get("next"))
        start_session(user, now)
        if user.must_change_password:
            flash(_("This was a one-time password. Please choose your own now."), "info")
            return redirect(url_for("accounts.account"))
        return redirect(target)
    return render_template("accounts/sign_in.html", form=form, problem=None)


def _own_page(target: str | None) -> str:
    """Only a path of this site: a link must not lead a signed-in user elsewhere."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")):
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc:
            return target
    return url_for("home.index")


@bp.post("/sign-out")
@requires(*EVERYBODY)
def sign_out() -> Response:
    """End this session."""
    end_session(clock.now())
    flash(_("You are signed out."), "info")
    return redirect(url_for("accounts.sign_in"))


@bp.post("/language")
@public
def set_language() -> Response:
    """Choose the language of the screen, for the account when signed in."""
    language = request.form.get("language", "")
    if language in LANGUAGES:
        session["language"] = language
        row = current_session()
        if row is not None:
            with transaction():
                row.user.language = language
    return redirect(_own_page(request.form.get("next")))


@bp.get("/account")
@requires(*EVERYBODY)
def account() -> str:
    """One's own account: password, PIN, and where one is signed in."""
    return _account_page(PasswordForm(prefix="password"), PinForm(prefix="pin"))


def _account_page(password_form: PasswordForm, pin_form: PinForm) -> str:
    row = _own_session()
    sessions = db.session.scalars(
        sa.select(UserSession)
        .where(UserSession.user_id == row.user_id, UserSession.ended_at.is_(None))
        .order_by(UserSession.last_seen_at.desc()).limit(20)
    ).all()  # fmt: skip
    return render_template(
        "accounts/account.html", user=row.user, sessions=sessions, current=row,
        password_form=password_form, pin_form=pin_form,
    )  # fmt: skip


def _own_session() -> UserSession:
    row = current_session()
    if row is None:
        raise RuleError("pin_needed")
    return row


@bp.post("/account/password")
@requires(*EVERYBODY)
def change_password() -> Response | tuple[str, int]:
    """Change one's own password."""
    form = PasswordForm(prefix="password")
    if not form.validate_on_submit():
        return _account_page(form, PinForm(prefix="pin", formdata=None)), 422
    row = _own_session()
    was_one_time = row.user.must_change_password
    try:
        actions.change_password(
            row.user, form.old.data or "", form.new.data or "", row.token_hash,
            by=current_actor(), now=clock.now(),
        )  # fmt: skip
    except RuleError as error:
        _blame(form, error, {"password_wrong": "old"}, "new")
        return _account_page(form, PinForm(prefix="pin", formdata=None)), 422
    flash(_("Your password is changed. Other sign-ins of yours have ended."), "success")
    return redirect(url_for("home.index" if was_one_time else "accounts.account"))


@bp.post("/account/pin")
@requires(*EVERYBODY)
def set_pin() -> Response | tuple[str, int]:
    """Set one's own PIN."""
    form = PinForm(prefix="pin")
    if not form.validate_on_submit():
        return _account_page(PasswordForm(prefix="password", formdata=None), form), 422
    try:
        actions.set_pin(
            _own_session().user, form.password.data or "", form.pin.data or "",
            by=current_actor(), now=clock.now(),
        )  # fmt: skip
    except RuleError as error:
        _blame(form, error, {"password_wrong": "password"}, "pin")
        return _account_page(PasswordForm(prefix="password", formdata=None), form), 422
    flash(_("Your PIN is set."), "success")
    return redirect(url_for("accounts.account"))


def _blame(
    form: PasswordForm | PinForm, error: RuleError, fields: dict[str, str], default: str
) -> None:
    """Put the sentence of a refusal beside the field that it speaks of."""
    from core.edge import sentence

    form[fields.get(error.code, default)].errors = [sentence(error)]


@bp.post("/account/unlock")
@requires(*EVERYBODY, device=True)
def unlock() -> Response | tuple[Response, int]:
    """Open the PIN-protected part of a counter: for oneself, or on a tablet by account and PIN."""
    form, now = UnlockForm(), clock.now()
    row = current_session()
    name = actions.sign_in_name(form.name.data or "")
    user = row.user if row else db.session.scalar(sa.select(User).where(User.name == name))
    try:
        if not form.validate():
            raise RuleError("pin_wrong")
        actions.check_pin(user, form.pin.data or "", request.remote_addr or "", now)
        assert user is not None  # a PIN that nobody has is never right
        _same_site(user)
    except RuleError as error:
        from core.edge import sentence

        return jsonify(message=sentence(error)), 422
    if row is None:
        start_session(user, now, by_pin=True)
    else:
        with transaction():
            row.pin_seen_at = now
    return jsonify(name=user.display_name)


def _same_site(user: User) -> None:
    """A PIN opens a tablet only of a site where its owner works."""
    actor = current_actor()
    sites = {grant.site_id for grant in user.grants}
    if actor.user_id is None and None not in sites and not sites & (actor.site_ids or set()):
        raise RuleError("pin_wrong")


@bp.post("/account/lock")
@requires(*EVERYBODY)
def lock() -> Response:
    """Close the PIN-protected part again."""
    row = _own_session()
    with transaction():
        row.pin_seen_at = row.started_at.replace(year=2000)
    return jsonify(locked=True)


@bp.route("/enrol/<secret>", methods=["GET", "POST"])
@public
def enrol(secret: str) -> Response | str:
    """Make this tablet a device of its site: a page to agree to, then a cookie that no script reads."""
    if request.method == "GET":
        return render_template("accounts/enrol.html")
    device, token = actions.enrol_device(secret, now=clock.now())
    response = redirect(
        url_for(current_app.config.get("DEVICE_HOME", "home.index"), site=_slug(device))
    )
    response.set_cookie(
        DEVICE_COOKIE, token, max_age=400 * 86_400, httponly=True, samesite="Strict",
        secure=current_app.config["HTTPS"],
    )  # fmt: skip
    return response


def _slug(device: Device) -> str:
    slug: str = device.site.slug
    return slug
