"""Accounts: the list, adding, roles per site, one-time passwords, ending and reopening."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import Role, current_actor, requires
from core.accounts import actions
from core.accounts.models import Grant, User, UserSession
from core.accounts.users.forms import FactsForm, NewUserForm, RoleForm, UserFilter
from core.accounts.words import ROLE
from core.db import db
from core.errors import RuleError
from core.forms import ReasonForm, blame
from core.people.lookup import posts_filters
from core.show import paginate
from core.sites.models import Site

bp = Blueprint("users", __name__, url_prefix="/office/users")


@bp.route("", methods=["GET", "POST"])
@requires(Role.ADMIN)
@posts_filters(of_people=False)
def index() -> str:
    """Who signs in here, with search."""
    sites = _sites()
    form = UserFilter(sites)
    page = paginate(_filtered(form))
    seen = (
        db.session.execute(
            sa.select(UserSession.user_id, sa.func.max(UserSession.last_seen_at))
            .where(UserSession.user_id.in_([user.id for user in page.items]))
            .group_by(UserSession.user_id)
        )
        .tuples()
        .all()
    )
    return render_template(
        "office/users.html", page=page, form=form, roles=ROLE, seen=dict(seen), now=clock.now(),
        sites={site.id: site.name for site in sites},
    )  # fmt: skip


def _filtered(form: UserFilter) -> sa.Select[Any]:
    statement = sa.select(User).order_by(User.ended_at.is_not(None), User.name)
    if text := form.value_of("q"):
        statement = statement.where(
            User.name.icontains(text, autoescape=True)
            | User.display_name.icontains(text, autoescape=True)
        )
    if role := form.value_of("role"):
        statement = statement.where(User.grants.any(Grant.role == role))
    if site_id := form.value_of("site"):
        statement = statement.where(User.grants.any(Grant.site_id == site_id))
    if state := form.value_of("state"):
        ended = User.ended_at.is_not(None) | (User.ends_at <= clock.now())
        statement = statement.where(ended if state == "ended" else ~sa.func.coalesce(ended, False))
    return statement


def _sites(only_active: bool = False) -> list[Site]:
    statement = sa.select(Site).order_by(Site.kind, Site.id)
    return list(db.session.scalars(statement.where(Site.is_active) if only_active else statement))


@bp.route("/new", methods=["GET", "POST"])
@requires(Role.ADMIN)
def add() -> str | tuple[str, int]:
    """A new account; answers with its one-time password, shown this once."""
    form = NewUserForm(_sites(only_active=True))
    if not form.validate_on_submit():
        return render_template(
            "office/user_new.html", form=form
        ), 422 if form.is_submitted() else 200
    try:
        user, password = actions.add_user(
            form.name.data or "", form.display_name.data or "", form.role.data, form.site_id.data,
            ends_at=form.ends_at(), by=current_actor(), now=clock.now(),
        )  # fmt: skip
    except RuleError as error:
        blame(form, error, {"role_needs_site": "site_id", "role_needs_no_site": "site_id"}, "name")
        return render_template("office/user_new.html", form=form), 422
    return _password_page(user, password)


def _password_page(user: User, password: str) -> str:
    return render_template("office/user_password.html", user=user, password=password)


def _user(user_id: int) -> User:
    return db.get_or_404(User, user_id)


@bp.route("/<int:user_id>", methods=["GET", "POST"])
@requires(Role.ADMIN)
def show(user_id: int) -> Response | str | tuple[str, int]:
    """One account: what it may do, and its name and last day to change."""
    user = _user(user_id)
    form = FactsForm(data=_facts(user))
    if not form.validate_on_submit():
        return _user_page(user, form), 422 if form.is_submitted() else 200
    try:
        actions.change_user(
            user, form.display_name.data or "", form.ends_at(), by=current_actor(), now=clock.now()
        )
    except RuleError as error:
        blame(form, error, {}, "last_day")
        return _user_page(user, form), 422
    flash(_("“%(name)s” is saved.", name=user.name), "success")
    return redirect(url_for("users.show", user_id=user.id))


def _facts(user: User) -> dict[str, Any]:
    # An account ends with its last day, which is the moment at which the next one begins.
    last_day = clock.service_day(user.ends_at - timedelta(minutes=1)) if user.ends_at else None
    return {"display_name": user.display_name, "last_day": last_day}


def _user_page(user: User, form: FactsForm, role_form: RoleForm | None = None) -> str:
    sites = _sites()
    role_form = role_form or RoleForm([site for site in sites if site.is_active], formdata=None)
    last_seen = db.session.scalar(
        sa.select(sa.func.max(UserSession.last_seen_at)).where(UserSession.user_id == user.id)
    )
    return render_template(
        "office/user.html", user=user, form=form, role_form=role_form, roles=ROLE, last_seen=last_seen,
        reason_form=ReasonForm(formdata=None), sites={site.id: site.name for site in sites},
        now=clock.now(), is_self=user.id == current_actor().user_id,
    )  # fmt: skip


@bp.post("/<int:user_id>/roles")
@requires(Role.ADMIN)
def add_role(user_id: int) -> Response | tuple[str, int]:
    """One more role."""
    user = _user(user_id)
    form = RoleForm(_sites(only_active=True))
    if not form.validate():
        return _user_page(user, FactsForm(formdata=None, data=_facts(user)), form), 422
    grants = [
        *((grant.role, grant.site_id) for grant in user.grants),
        (form.role.data, form.site_id.data),
    ]
    actions.change_grants(user, grants, by=current_actor(), now=clock.now())
    flash(
        _("“%(name)s” may now work as %(role)s.", name=user.name, role=ROLE[form.role.data]),
        "success",
    )
    return redirect(url_for("users.show", user_id=user.id))


@bp.post("/<int:user_id>/roles/<int:grant_id>/removal")
@requires(Role.ADMIN)
def remove_role(user_id: int, grant_id: int) -> Response:
    """One role less."""
    user = _user(user_id)
    gone = next((grant for grant in user.grants if grant.id == grant_id), None)
    if gone is None:
        abort(404)
    role = ROLE[gone.role]
    grants = [(grant.role, grant.site_id) for grant in user.grants if grant.id != grant_id]
    actions.change_grants(user, grants, by=current_actor(), now=clock.now())
    flash(_("“%(name)s” no longer works as %(role)s.", name=user.name, role=role), "success")
    return redirect(url_for("users.show", user_id=user.id))


@bp.post("/<int:user_id>/password")
@requires(Role.ADMIN)
def reset_password(user_id: int) -> str:
    """A new one-time password, shown this once; the account is signed out everywhere."""
    user = _user(user_id)
    if user.ended_at:
        raise RuleError("user_ended", name=user.name)
    return _password_page(user, actions.reset_password(user, by=current_actor(), now=clock.now()))


@bp.post("/<int:user_id>/end")
@requires(Role.ADMIN)
def end(user_id: int) -> Response:
    """Close an account, with a reason."""
    user, reason = _user(user_id), _reason()
    if user.id == current_actor().user_id:
        raise RuleError("user_self")
    actions.end_user(user, reason, by=current_actor(), now=clock.now())
    flash(
        _("The account “%(name)s” is ended and signed out everywhere.", name=user.name), "success"
    )
    return redirect(url_for("users.show", user_id=user.id))


@bp.post("/<int:user_id>/reopen")
@requires(Role.ADMIN)
def reopen(user_id: int) -> str:
    """Open a closed account again, with a reason and a new one-time password."""
    user = _user(user_id)
    return _password_page(
        user, actions.reopen_user(user, _reason(), by=current_actor(), now=clock.now())
    )


def _reason() -> str:
    form = ReasonForm()
    if not form.validate():
        raise RuleError("reason_needed")
    return str(form.reason.data)
