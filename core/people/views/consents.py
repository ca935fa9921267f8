"""The consent on the page of one person: signed, corrected, withdrawn."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import Role, current_actor, requires
from core.db import db
from core.errors import RuleError
from core.forms import blame
from core.people import actions
from core.people.actions.consents import in_force
from core.people.forms import ConsentForm, WithdrawalForm
from core.people.models import Person
from core.people.views import bp
from core.people.views.persons import person_page, visible_person


@bp.route("/<int:person_id>/consent", methods=["GET", "POST"])
@requires(Role.CLERK)
def consent(person_id: int) -> Response | str | tuple[str, int]:
    """Enter a signed consent, or correct the one in force."""
    person = visible_person(person_id)
    known = in_force(db.session(), person_id)
    today = clock.service_day(clock.now())
    form = ConsentForm(obj=known) if known else ConsentForm(data={"signed_on": today})
    if not form.validate_on_submit() or form.signed_on.data is None:
        return _form_page(form, person, bool(known)), 422 if form.is_submitted() else 200
    try:
        actions.record_consent(
            person_id, signed_on=form.signed_on.data, note=form.note.data, by=current_actor(),
            now=clock.now(),
        )  # fmt: skip
    except RuleError as error:
        blame(form, error, {}, "signed_on")
        return _form_page(form, person, bool(known)), 422
    flash(_("The consent is noted."), "success")
    return redirect(url_for("people.show", person_id=person_id))


def _form_page(form: ConsentForm, person: Person, is_correction: bool) -> str:
    return render_template(
        "people/consent.html", form=form, person=person, is_correction=is_correction
    )


@bp.post("/<int:person_id>/consent/withdrawal")
@requires(Role.CLERK)
def withdraw_consent(person_id: int) -> Response | tuple[str, int]:
    """She does not consent any more."""
    person, form = visible_person(person_id), WithdrawalForm()
    if not form.validate_on_submit() or form.on.data is None:
        return person_page(person, withdrawal_form=form), 422
    try:
        actions.withdraw_consent(
            person_id, on=form.on.data, note=form.note.data, by=current_actor(), now=clock.now()
        )
    except RuleError as error:
        blame(form, error, {}, "on")
        return person_page(person, withdrawal_form=form), 422
    flash(_("The withdrawal is noted. Card and meals go on until you stop them."), "success")
    return redirect(url_for("people.show", person_id=person_id))
