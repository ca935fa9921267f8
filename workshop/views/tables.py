"""The tables that the office sets up: skills, kinds of hardship, retirement ages."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import OFFICE, Role, current_actor, requires
from core.db import db
from core.outcomes import attempt, saved
from core.people.words import SEX
from workshop.actions import tables as actions
from workshop.forms.tables import NamedForm, RetirementForm
from workshop.models import HardshipCategory, RetirementAge, Skill
from workshop.phrases.learners import age_of
from workshop.views import bp

Page = Response | str | tuple[str, int]


def _found(model: Any, row_id: int | None) -> Any:
    row = db.session.get(model, row_id) if row_id is not None else None
    if row is None and row_id is not None:
        abort(404)
    return row


def _all(model: Any) -> list[Any]:
    return list(db.session.scalars(sa.select(model).order_by(model.position, model.id)))


def _edit(model: Any, row_id: int | None, save: Callable[..., Any], back: str) -> Page:
    row = _found(model, row_id)
    form = NamedForm(obj=row)
    if form.validate_on_submit() and saved(form, lambda: save(
        row_id, name=form.name.data or "", position=form.position.data or 0,
        is_active=bool(form.is_active.data), by=current_actor(), now=clock.now(),
    )):  # fmt: skip
        flash(_("“%(name)s” is saved.", name=form.name.data), "success")
        return redirect(url_for(back))
    page = render_template("workshop/table_row.html", form=form, row=row, back=back)
    return (page, 422) if form.is_submitted() else page


@bp.get("/skills")
@requires(*OFFICE, Role.COORDINATOR)
def skills() -> str:
    """What courses teach, vacancies ask for and learners have."""
    return render_template("workshop/skills.html", rows=_all(Skill))


@bp.route("/skills/new", methods=["GET", "POST"])
@requires(Role.CLERK, Role.REVIEWER)
def create_skill() -> Page:
    """A further skill."""
    return _edit(Skill, None, actions.save_skill, "workshop.skills")


@bp.route("/skills/<int:skill_id>", methods=["GET", "POST"])
@requires(Role.CLERK, Role.REVIEWER)
def skill(skill_id: int) -> Page:
    """Change a skill; what is in use is never deleted."""
    return _edit(Skill, skill_id, actions.save_skill, "workshop.skills")


@bp.get("/hardship-categories")
@requires(*OFFICE, Role.COORDINATOR)
def hardship_categories() -> str:
    """Kinds of hardship, as local rules name them."""
    return render_template("workshop/hardship_categories.html", rows=_all(HardshipCategory))


@bp.route("/hardship-categories/new", methods=["GET", "POST"])
@requires(Role.CLERK, Role.REVIEWER)
def create_hardship_category() -> Page:
    """A further kind of hardship."""
    back = "workshop.hardship_categories"
    return _edit(HardshipCategory, None, actions.save_hardship_category, back)


@bp.route("/hardship-categories/<int:category_id>", methods=["GET", "POST"])
@requires(Role.CLERK, Role.REVIEWER)
def hardship_category(category_id: int) -> Page:
    """Change a kind of hardship."""
    back = "workshop.hardship_categories"
    return _edit(HardshipCategory, category_id, actions.save_hardship_category, back)


@bp.get("/retirement-ages")
@requires(*OFFICE, Role.COORDINATOR)
def retirement_ages() -> str:
    """The dated table: whoever is born from a day on retires at an age."""
    table = RetirementAge
    ordered = sa.select(table).order_by(table.sex, table.worker_kind.desc(), table.born_from)
    rows = db.session.scalars(ordered)
    groups = [
        (key, list(steps)) for key, steps in groupby(rows, lambda row: (row.sex, row.worker_kind))
    ]
    return render_template("workshop/retirement_ages.html", groups=groups, sex_words=SEX, age_of=age_of)  # fmt: skip


@bp.route("/retirement-ages/new", methods=["GET", "POST"])
@requires(Role.CLERK, Role.REVIEWER)
def create_retirement_age() -> Page:
    """A further step."""
    return _edit_step(None)


@bp.route("/retirement-ages/<int:row_id>", methods=["GET", "POST"])
@requires(Role.CLERK, Role.REVIEWER)
def retirement_age(row_id: int) -> Page:
    """Change a step."""
    return _edit_step(row_id)


def _edit_step(row_id: int | None) -> Page:
    row = _found(RetirementAge, row_id)
    known = dict(zip(("years", "months"), divmod(row.age_months, 12), strict=True)) if row else {}
    form = RetirementForm(obj=row, data=known)
    born_from = form.born_from.data
    if form.validate_on_submit() and born_from and saved(form, lambda: actions.save_retirement_age(
        row_id, sex=form.sex.data, worker_kind=form.worker_kind.data, born_from=born_from,
        age_months=form.age_months, document_no=form.document_no.data or "", by=current_actor(),
        now=clock.now(),
    )):  # fmt: skip
        flash(_("Saved."), "success")
        return redirect(url_for("workshop.retirement_ages"))
    page = render_template("workshop/retirement_age.html", form=form, row=row)
    return (page, 422) if form.is_submitted() else page


@bp.post("/retirement-ages/<int:row_id>/removal")
@requires(Role.CLERK, Role.REVIEWER)
def remove_retirement_age(row_id: int) -> Response:
    """Take a step out of the table."""
    _found(RetirementAge, row_id)
    attempt(
        lambda: actions.remove_retirement_age(row_id, by=current_actor(), now=clock.now()),
        _("The line is removed."),
    )
    return redirect(url_for("workshop.retirement_ages"))
