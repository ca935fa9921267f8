"""The page of one person, and what the office changes there."""

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from core import clock
from core.access import Role, current_actor, requires
from core.db import db
from core.edge import sentence
from core.errors import RuleError
from core.forms import ReasonForm, blame, half_width, posted_id
from core.people import actions
from core.people import registry as reads
from core.people.actions.persons import contacts_of
from core.people.cards.symbol import to_data_url
from core.people.forms import (
    ContactsForm,
    HouseholdForm,
    MergeForm,
    PersonForm,
    PhotoForm,
    StandingForm,
    WithdrawalForm,
)
from core.people.models import Person
from core.people.search import read_query
from core.people.views import bp
from core.people.views.registry import READERS, active_areas
from core.people.words import SEX, STANDING, STANDING_STATE, action_word
from core.programme import programmes

_FIELD_OF_ERROR = {
    "id_length": "id_number", "id_characters": "id_number", "id_birth_date": "id_number",
    "id_check_digit": "id_number", "id_old_15_digits": "id_number", "id_rounded": "id_number",
    "id_number_taken": "id_number", "no_id_reason_needed": "no_id_reason",
    "birth_not_of_id": "birth_on", "birth_impossible": "birth_on", "hidden_characters": "note",
}  # fmt: skip


def visible_person(person_id: int) -> Person:
    """The person, when the actor may see her. Answers 404 otherwise, as for one who does not exist."""
    person = db.session.scalar(
        sa.select(Person).where(Person.id == person_id, reads.visible(current_actor()))
    )
    if person is None:
        abort(404)
    return person


@bp.get("/<int:person_id>")
@requires(*READERS)
def show(person_id: int) -> Response | str:
    """Everything about one person, numbers masked."""
    person = visible_person(person_id)
    if person.merged_into_id is not None:
        flash(_("The record you asked for was merged into this one."), "info")
        return redirect(url_for("people.show", person_id=person.merged_into_id))
    if current_actor().has(Role.AUDITOR):
        actions.note_look(person_id, by=current_actor(), now=clock.now())
    return person_page(person)


@bp.post("/<int:person_id>/reveal")
@requires(*READERS)
def reveal(person_id: int) -> str | tuple[str, int]:
    """The same page without masks, once, for a reason that is logged."""
    person, form = visible_person(person_id), ReasonForm()
    if not form.validate_on_submit():
        return person_page(person, form), 422
    try:
        actions.note_reveal(person_id, form.reason.data or "", by=current_actor(), now=clock.now())
    except RuleError as error:
        blame(form, error, {}, "reason")
        return person_page(person, form), 422
    return person_page(person, form, revealed=True)


def person_page(
    person: Person, form: ReasonForm | None = None, *, revealed: bool = False,
    photo_form: PhotoForm | None = None, withdrawal_form: WithdrawalForm | None = None,
) -> str:  # fmt: skip
    """The page, with one of its small forms open when it has something to say."""
    actor, now = current_actor(), clock.now()
    seen, today = reads.portrait(person), clock.service_day(now)
    # Who reads masked names looks at no face either, until the look is logged with a reason.
    masked = actor.has(Role.AUDITOR) and not revealed
    photo = None
    if seen.photo is not None and not masked:
        photo = to_data_url(seen.photo.content, seen.photo.media_type)
    panels = [
        (panel.title, Markup(render_template(panel.template, **panel.values)))
        for programme in programmes() if programme.person_panels
        for panel in programme.person_panels(person.id, actor, now)
    ]  # fmt: skip
    return render_template(
        "people/show.html", person=person, seen=seen, panels=panels,
        form=form or ReasonForm(formdata=None), photo=photo, masked=masked,
        photo_form=photo_form or PhotoForm(formdata=None),
        withdrawal_form=withdrawal_form or WithdrawalForm(formdata=None, data={"on": today}),
        revealed=revealed, may_change=actor.has(Role.ADMIN, Role.CLERK), sexes=SEX,
        may_see_cards=actor.has(Role.ADMIN, Role.CLERK, Role.REVIEWER),
        age=reads.age_on(person.birth_on, today), area_path=reads.area_path,
        standings=STANDING, standing_states=STANDING_STATE, action_word=action_word,
        household_form=HouseholdForm(),
    )  # fmt: skip


@bp.route("/new", methods=["GET", "POST"])
@requires(Role.CLERK)
def create() -> Response | str | tuple[str, int]:
    """Register one person."""
    form = PersonForm(active_areas())
    if not form.validate_on_submit():
        return _form_page(form, None), 422 if form.is_submitted() else 200
    try:
        person = actions.add_person(form.details(), by=current_actor(), now=clock.now())
    except RuleError as error:
        blame(form, error, _FIELD_OF_ERROR, "name")
        return _form_page(form, None), 422
    flash(_("%(name)s is registered.", name=person.name), "success")
    if actions.likely_doubles(person):
        flash(
            _("Somebody very like her is registered already. See “Likely doubles” below."),
            "warning",
        )
    return redirect(url_for("people.show", person_id=person.id))


@bp.route("/<int:person_id>/edit", methods=["GET", "POST"])
@requires(Role.CLERK)
def edit(person_id: int) -> Response | str | tuple[str, int]:
    """Change the details. Opening the form shows whole numbers, so it is logged as a reveal."""
    person = visible_person(person_id)
    form = PersonForm(active_areas(), person)
    if not form.is_submitted():
        actions.note_reveal(person_id, _("to edit"), by=current_actor(), now=clock.now())
    if not form.validate_on_submit():
        return _form_page(form, person), 422 if form.is_submitted() else 200
    try:
        changed = actions.change_person(
            person_id, form.details(), by=current_actor(), now=clock.now()
        )
    except RuleError as error:
        blame(form, error, _FIELD_OF_ERROR, "name")
        return _form_page(form, person), 422
    flash(_("Saved.") if changed else _("Nothing was different."), "success")
    return redirect(url_for("people.show", person_id=person_id))


def _form_page(form: PersonForm, person: Person | None) -> str:
    return render_template("people/form.html", form=form, person=person)


@bp.route("/<int:person_id>/contacts", methods=["GET", "POST"])
@requires(Role.CLERK)
def contacts(person_id: int) -> Response | str | tuple[str, int]:
    """Whom to call in an emergency."""
    person = visible_person(person_id)
    form = ContactsForm.of(db.session.scalars(contacts_of(person_id)).all())
    if not form.is_submitted():
        actions.note_reveal(person_id, _("to edit"), by=current_actor(), now=clock.now())
    if not form.validate_on_submit():
        page = render_template("people/contacts.html", form=form, person=person)
        return page, 422 if form.is_submitted() else 200
    actions.set_contacts(person_id, form.contacts(), by=current_actor(), now=clock.now())
    flash(_("Saved."), "success")
    return redirect(url_for("people.show", person_id=person_id))


@bp.route("/<int:person_id>/standing", methods=["GET", "POST"])
@requires(Role.CLERK)
def standing(person_id: int) -> Response | str | tuple[str, int]:
    """She moved, went to a home or a hospital, came back, or died."""
    person = visible_person(person_id)
    form = StandingForm(person.standing)
    if not form.is_submitted():
        form.since_on.data = clock.service_day(clock.now())
    if not form.validate_on_submit():
        page = render_template("people/standing.html", form=form, person=person, standings=STANDING)
        return page, 422 if form.is_submitted() else 200
    try:
        actions.change_standing(
            person_id, form.kind.data, since_on=form.since_on.data, note=form.note.data or "",
            by=current_actor(), now=clock.now(),
        )  # fmt: skip
    except RuleError as error:
        blame(form, error, {"standing_same": "kind"}, "since_on")
        page = render_template("people/standing.html", form=form, person=person, standings=STANDING)
        return page, 422
    flash(
        _("%(name)s: %(standing)s.", name=person.name, standing=STANDING[form.kind.data]), "success"
    )
    return redirect(url_for("people.show", person_id=person_id))


@bp.route("/<int:person_id>/merger", methods=["GET", "POST"])
@requires(Role.CLERK)
def merge(person_id: int) -> Response | str | tuple[str, int]:
    """This record and another one are the same human."""
    person, form = visible_person(person_id), MergeForm()
    if not form.is_submitted():
        form.into.data = request.args.get("into", "")
    into = _record(form.into.data or "")
    if not form.validate_on_submit() or into is None:
        if form.is_submitted() and into is None and not form.into.errors:
            form.into.errors = [_("There is no record with this number.")]
        page = render_template("people/merge.html", form=form, person=person, into=into)
        return page, 422 if form.is_submitted() else 200
    try:
        actions.merge_person(
            person_id, into.id, reason=form.reason.data or "", by=current_actor(), now=clock.now()
        )
    except RuleError as error:
        blame(form, error, {"reason_needed": "reason"}, "into")
        return render_template("people/merge.html", form=form, person=person, into=into), 422
    flash(
        _("The records are one now. Meals stay where they were served and count for her."),
        "success",
    )
    return redirect(url_for("people.show", person_id=into.id))


def _record(typed: str) -> Person | None:
    """The record of a number as somebody typed it."""
    try:
        return db.session.get(Person, posted_id(half_width(typed)))
    except ValueError:
        return None


@bp.post("/<int:person_id>/household")
@requires(Role.CLERK)
def link_household(person_id: int) -> Response:
    """Somebody else of the same household."""
    visible_person(person_id)
    form = HouseholdForm()
    typed = form.other.data or ""
    is_number = form.validate_on_submit() and not read_query(typed).is_secret
    other = _record(typed) if is_number else None
    if other is None:
        flash(_("There is no record with this number. Nothing was changed."), "error")
    else:
        try:
            actions.link_household(person_id, other.id, by=current_actor(), now=clock.now())
            flash(_("They are one household now."), "success")
        except RuleError as error:
            flash(sentence(error), "error")
    return redirect(url_for("people.show", person_id=person_id))


@bp.post("/<int:person_id>/household/end")
@requires(Role.CLERK)
def leave_household(person_id: int) -> Response:
    """She lives by herself now."""
    visible_person(person_id)
    actions.leave_household(person_id, by=current_actor(), now=clock.now())
    flash(_("Saved."), "success")
    return redirect(url_for("people.show", person_id=person_id))


@bp.post("/<int:person_id>/verification")
@requires(Role.CLERK)
def verify(person_id: int) -> Response:
    """A visit found phone or address right."""
    visible_person(person_id)
    name = request.form.get("field", "")
    if name not in ("phone", "address"):
        abort(400)
    actions.verify_value(person_id, name, by=current_actor(), now=clock.now())
    flash(_("Noted as verified. An import will only propose another value."), "success")
    return redirect(url_for("people.show", person_id=person_id))
