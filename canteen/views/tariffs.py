"""The tariff: rows by series, drafts and their life, the budget, and "what would it cost"."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from canteen import actions, phrases, queries
from canteen.forms.diners import EndForm
from canteen.forms.tariffs import TariffForm, TrialForm
from canteen.lists.people_found import find_diners
from canteen.models import Tariff
from canteen.values import TariffKind, TariffState
from canteen.views import bp
from canteen.views.visible import (
    MAY_DECIDE,
    MAY_PROPOSE,
    all_areas,
    all_categories,
    canteens,
    known_tariff,
    visible_diner,
)
from core import clock, show
from core.access import OFFICE, Role, current_actor, requires
from core.db import db
from core.edge import sentence
from core.errors import RuleError
from core.forms import posted_id
from core.outcomes import attempt, saved
from core.people.lookup import NOBODY, posts_filters


def _names() -> phrases.TariffNames:
    return phrases.TariffNames(all_categories(active=False), canteens(), all_areas())


@bp.get("/tariffs")
@requires(*OFFICE, Role.MANAGER)
def tariffs() -> str:
    """Prices and subsidies: what is in force, what comes, what was."""
    today = clock.service_day(clock.now())
    shows_past = request.args.get("past") == "1"
    rows = db.session.scalars(
        sa.select(Tariff).order_by(
            Tariff.priority, Tariff.series, Tariff.from_on.desc(), Tariff.id.desc()
        )
    ).all()
    past = [row for row in rows if _is_past(row, today)]
    shown = [row for row in rows if shows_past or row not in past]
    groups = [(kind, [row for row in shown if row.kind is kind]) for kind in TariffKind]
    balances = {balance.tariff.id: balance for balance in queries.budget_balances(today)}
    return render_template(
        "canteen/tariffs.html", groups=groups, total=len(shown), past=len(past), shows_past=shows_past,
        names=_names(), phrases=phrases, balances=balances, today=today,
    )  # fmt: skip


def _is_past(row: Tariff, today: date) -> bool:
    ended = row.until_on is not None and row.until_on < today
    return row.state is TariffState.WITHDRAWN or (row.state is TariffState.IN_FORCE and ended)


@bp.get("/tariffs/<int:tariff_id>")
@requires(*OFFICE, Role.MANAGER)
def tariff(tariff_id: int) -> str:
    """One row with its conditions, layers and limits, and the other versions of its series."""
    row = known_tariff(tariff_id)
    return _tariff_page(row, EndForm(formdata=None, data={"on": clock.service_day(clock.now())}))


def _tariff_page(row: Tariff, end_form: EndForm) -> str:
    today = clock.service_day(clock.now())
    versions = db.session.scalars(
        sa.select(Tariff)
        .where(Tariff.series == row.series)
        .order_by(Tariff.from_on.desc(), Tariff.id.desc())
    ).all()
    balance = next(
        (each for each in queries.budget_balances(today) if each.tariff.id == row.id), None
    )
    replaces = [
        each for each in versions
        if row.state is TariffState.DRAFT and each.state is TariffState.IN_FORCE
        and (each.until_on is None or each.until_on >= row.from_on)
    ]  # fmt: skip
    return render_template(
        "canteen/tariff.html", row=row, versions=versions, names=_names(), phrases=phrases,
        balance=balance, replaces=replaces, end_form=end_form, today=today,
    )  # fmt: skip


@bp.route("/tariffs/new", methods=["GET", "POST"])
@requires(*MAY_PROPOSE)
def create_tariff() -> Response | str | tuple[str, int]:
    """Draft a row: a new one, or the next version of another (`?after=`)."""
    former = (
        known_tariff(request.args.get("after", 0, type=posted_id))
        if "after" in request.args
        else None
    )
    wanted = request.args.get("kind", TariffKind.SUBSIDY.value)
    if wanted not in [kind.value for kind in TariffKind]:
        abort(404)
    kind = former.kind if former else TariffKind(wanted)
    form = _form(kind, former)
    if former and not form.is_submitted():
        form.from_on.data, form.until_on.data = None, None
    return _edit(form, None, former)


@bp.route("/tariffs/<int:tariff_id>/edit", methods=["GET", "POST"])
@requires(*MAY_PROPOSE)
def change_tariff(tariff_id: int) -> Response | str | tuple[str, int]:
    """Rewrite a draft."""
    row = known_tariff(tariff_id)
    if row.state is not TariffState.DRAFT:
        raise RuleError("tariff_in_force")
    return _edit(_form(row.kind, row), row, None)


def _form(kind: TariffKind, row: Tariff | None) -> TariffForm:
    return TariffForm(kind, all_categories(), canteens(), all_areas(), row)


def _edit(
    form: TariffForm, row: Tariff | None, former: Tariff | None
) -> Response | str | tuple[str, int]:
    """Show the form, add a line to it, or store it; what cannot be stored stays on the screen."""
    added = form.is_submitted() and form.add_row(request.form.get("more", ""))
    stored: list[Tariff] = []

    def store() -> None:
        who: dict[str, Any] = {"by": current_actor(), "now": clock.now()}
        stored.append(
            actions.change_draft(row.id, form.draft(), **who) if row
            else actions.draft_tariff(form.draft(), **who)
        )  # fmt: skip

    if not added and form.validate_on_submit() and saved(form, store):
        flash(_("The draft is saved. It counts once it is put in force."), "success")
        return redirect(url_for("canteen.tariff", tariff_id=stored[0].id))
    names = _names()
    page = render_template("canteen/edit_tariff.html", form=form, row=row, former=former,
                           kept=[names.condition(each) for each in form.kept])  # fmt: skip
    return page if added or not form.is_submitted() else (page, 422)


@bp.post("/tariffs/<int:tariff_id>/in-force")
@requires(*MAY_DECIDE)
def put_tariff_in_force(tariff_id: int) -> Response:
    """Put a draft in force; the former version of its series ends the day before."""
    row = known_tariff(tariff_id)
    attempt(
        lambda: actions.put_tariff_in_force(row.id, by=current_actor(), now=clock.now()),
        _(
            "In force from %(day)s. Meals already registered keep their amounts.",
            day=show.full_day(row.from_on),
        ),
    )
    return redirect(url_for("canteen.tariff", tariff_id=row.id))


@bp.post("/tariffs/<int:tariff_id>/end")
@requires(*MAY_DECIDE)
def end_tariff(tariff_id: int) -> Response | tuple[str, int]:
    """End a row in force."""
    row, form = known_tariff(tariff_id), EndForm()
    if not form.validate_on_submit():
        return _tariff_page(row, form), 422
    last_day = form.on.data
    attempt(
        lambda: actions.end_tariff(
            row.id, on=last_day, reason=form.reason.data or "",
            by=current_actor(), now=clock.now(),
        ),
        _("The row ends on %(day)s.", day=show.full_day(last_day)),
    )  # fmt: skip
    return redirect(url_for("canteen.tariff", tariff_id=row.id))


@bp.post("/tariffs/<int:tariff_id>/deletion")
@requires(*MAY_PROPOSE)
def delete_tariff(tariff_id: int) -> Response:
    """Throw a draft away."""
    row = known_tariff(tariff_id)
    name = row.name
    if attempt(lambda: actions.delete_draft(row.id, by=current_actor(), now=clock.now()),
               _("The draft “%(name)s” is deleted.", name=name)):  # fmt: skip
        return redirect(url_for("canteen.tariffs"))
    return redirect(url_for("canteen.tariff", tariff_id=tariff_id))


@bp.route("/tariffs/trial", methods=["GET", "POST"])
@requires(*OFFICE, Role.MANAGER)
@posts_filters()
def price_trial() -> str:
    """What would it cost: a person, a site, a sitting, a day. Nothing is registered."""
    sites = canteens()
    form = TrialForm(sites, clock.service_day(clock.now()))
    person_id = form.value_of("person")
    found = find_diners(form.value_of("q") or "", current_actor().site_ids, only=person_id)
    if person_id is None and len(found) == 1:
        person_id = found[0].id
    if person_id == NOBODY:
        person_id = None
    diner = visible_diner(person_id) if person_id is not None else None
    priced, problem = None, None
    site = next(
        (each for each in sites if each.slug == form.site.data), sites[0] if sites else None
    )
    if diner is not None and site is not None:
        try:
            priced = queries.preview_price(
                diner.person_id,
                site.id,
                form.value_of("sitting") or form.sitting.default,
                form.value_of("day") or form.today,
                way=form.value_of("way") or form.way.default,
            )
        except RuleError as error:
            problem = sentence(error)
    return render_template(
        "canteen/price_trial.html", form=form, diner=diner, priced=priced, problem=problem, found=found,
        steps=[step.plain() for step in priced.steps] if priced else [], site=site,
    )  # fmt: skip
