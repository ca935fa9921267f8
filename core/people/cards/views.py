"""Pages of cards: one person's cards, and the sheets to print."""

import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import Role, current_actor, requires
from core.db import db
from core.edge import sentence
from core.errors import RuleError
from core.jobs import Job, enqueue
from core.jobs.views import STATE_WORDS
from core.people.cards import actions
from core.people.cards.forms import (
    CHOSEN,
    EndForm,
    PrintForm,
    SheetsForm,
    replacement_form,
    revocation_form,
)
from core.people.cards.practice import add_practice_people
from core.people.cards.printing import JOB, Choice, Scope, choose
from core.people.cards.words import STATE, end_reason
from core.people.models import Card, CardState, Person
from core.sites.models import Area

bp = Blueprint("cards", __name__, url_prefix="/cards")

MAX_CHOSEN = 2000


@bp.get("/sheets")
@requires(Role.CLERK)
def sheets() -> str:
    """Whose cards to print, how many that makes, and what was printed lately."""
    form = _sheets_form()
    choice = _choice(form)
    printings = db.session.scalars(
        sa.select(Job).where(Job.name == JOB).order_by(Job.created_at.desc()).limit(10)
    ).all()
    return render_template(
        "cards/sheets.html",
        form=form,
        order=PrintForm(),
        choice=choice,
        printings=printings,
        words=STATE_WORDS,
        chosen=CHOSEN,
        user_id=current_actor().user_id,
    )


@bp.post("/sheets")
@requires(Role.CLERK)
def create_sheets() -> Response:
    """Order the sheets; a job prints them."""
    choice, order = _choice(_sheets_form()), PrintForm()
    if not choice.person_ids:
        flash(_("Nobody is chosen, so there is nothing to print."), "warning")
        return redirect(url_for("cards.sheets", **_filters()))
    return _order(choice.person_ids, bool(order.backs.data))


@bp.post("/practice")
@requires(Role.CLERK)
def create_practice() -> Response:
    """Ten people to practise with, and their cards to print."""
    count = add_practice_people(by=current_actor(), now=clock.now())
    flash(_("%(count)s practice people are made. Print their cards next.", count=count), "success")
    return redirect(url_for("cards.sheets", scope=Scope.PRACTICE.value))


@bp.post("/sheets/<uuid:job_id>/copy")
@requires(Role.CLERK)
def create_copy(job_id: uuid.UUID) -> Response:
    """Print the same people again; the codes on the cards stay the same."""
    job = _printing(job_id)
    return _order(job.args["person_ids"], job.args["backs"])


@bp.post("/sheets/<uuid:job_id>/handover")
@requires(Role.CLERK)
def create_handover(job_id: uuid.UUID) -> Response:
    """Note that the cards of one printing were given to their owners."""
    people = _printing(job_id).args["person_ids"]
    count = actions.mark_handed_out(people, by=current_actor(), now=clock.now())
    flash(_("%(count)s cards are noted as handed out.", count=count), "success")
    return redirect(url_for("cards.sheets"))


@bp.get("/<int:person_id>")
@requires(Role.CLERK, Role.REVIEWER)
def show(person_id: int) -> str:
    """All cards of one person, the present one first."""
    person = _person(person_id)
    cards = db.session.scalars(
        sa.select(Card).where(Card.person_id == person_id).order_by(Card.serial.desc())
    ).all()
    active = next((card for card in cards if card.state is CardState.ACTIVE), None)
    return render_template(
        "cards/show.html", person=person, cards=cards, active=active, states=STATE,
        end_reason=end_reason, may_change=current_actor().has(Role.CLERK, Role.ADMIN),
    )  # fmt: skip


@bp.post("/<int:person_id>")
@requires(Role.CLERK)
def create(person_id: int) -> Response:
    """Her first card, or the next after one that was stopped."""
    return _do(
        person_id,
        lambda: actions.issue_card(_person(person_id).id, by=current_actor(), now=clock.now()),
        _("The card is issued. Print it next."),
    )


@bp.route("/<int:person_id>/replacement", methods=["GET", "POST"])
@requires(Role.CLERK)
def create_replacement(person_id: int) -> Response | str | tuple[str, int]:
    """The old card stops, the next one begins."""
    person, form = _person(person_id), replacement_form()
    if not form.validate_on_submit():
        return _asked("cards/replacement.html", person, form)
    return _do(
        person_id,
        lambda: actions.replace_card(
            person_id, reason=form.text(), by=current_actor(), now=clock.now()
        ),
        _("The old card is stopped and a new one issued. Print it next."),
    )


@bp.route("/<int:person_id>/revocation", methods=["GET", "POST"])
@requires(Role.CLERK)
def create_revocation(person_id: int) -> Response | str | tuple[str, int]:
    """The card stops, without another."""
    person, form = _person(person_id), revocation_form()
    if not form.validate_on_submit():
        return _asked("cards/revocation.html", person, form)
    return _do(
        person_id,
        lambda: actions.revoke_card(
            person_id, reason=form.text(), by=current_actor(), now=clock.now()
        ),
        _("The card is stopped. The counter refuses it from now on."),
    )


def _asked(template: str, person: Person, form: EndForm) -> str | tuple[str, int]:
    status = 422 if form.is_submitted() else 200
    return render_template(template, person=person, form=form), status


def _do(person_id: int, verb: Callable[[], Any], done: str) -> Response:
    try:
        verb()
        flash(done, "success")
    except RuleError as error:
        flash(sentence(error), "error")
    return redirect(url_for("cards.show", person_id=person_id))


def _person(person_id: int) -> Person:
    person = db.session.get(Person, person_id)
    if person is None or person.merged_into_id is not None:
        abort(404)
    return person


def _printing(job_id: uuid.UUID) -> Job:
    job = db.session.get(Job, job_id)
    if job is None or job.name != JOB:
        abort(404)
    return job


def _sheets_form() -> SheetsForm:
    areas = db.session.scalars(sa.select(Area).where(Area.is_active).order_by(Area.code)).all()
    return SheetsForm(areas, bool(_people_asked_for()))


def _people_asked_for() -> list[int]:
    return request.args.getlist("person", type=int)[:MAX_CHOSEN]


def _choice(form: SheetsForm) -> Choice:
    people = _people_asked_for()
    default = Scope.PEOPLE if people else Scope.MISSING
    if "scope" not in request.args:
        form.scope.errors = []
    scope = form.value_of("scope") or default
    form.scope.data = scope.value
    return choose(scope, area_id=form.value_of("area"), person_ids=people)


def _filters() -> dict[str, Any]:
    return request.args.to_dict(flat=False)


def _order(person_ids: list[int], backs: bool) -> Response:
    job = enqueue(JOB, by=current_actor(), now=clock.now(), person_ids=person_ids, backs=backs)
    return redirect(url_for("jobs.show", job_id=job.id))
