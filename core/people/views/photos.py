"""The photo on the page of one person: put, replaced, removed."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import Role, current_actor, requires
from core.edge import sentence
from core.errors import RuleError
from core.forms import blame
from core.people import actions
from core.people.forms import PhotoForm
from core.people.views import bp
from core.people.views.persons import person_page, visible_person


@bp.post("/<int:person_id>/photo")
@requires(Role.CLERK)
def put_photo(person_id: int) -> Response | tuple[str, int]:
    """Keep a photo from a file or the camera; an older one is replaced."""
    person, form = visible_person(person_id), PhotoForm()
    if not form.validate_on_submit():
        return person_page(person, photo_form=form), 422
    try:
        actions.put_photo(person_id, form.upload, by=current_actor(), now=clock.now())
    except RuleError as error:
        if not error.code.startswith("photo_"):
            raise
        blame(form, error, {}, "camera" if form.camera.data else "file")
        return person_page(person, photo_form=form), 422
    flash(_("The photo is kept. The counter shows it to staff after a scan."), "success")
    return redirect(url_for("people.show", person_id=person_id))


@bp.post("/<int:person_id>/photo/removal")
@requires(Role.CLERK)
def remove_photo(person_id: int) -> Response:
    """Erase the photo."""
    visible_person(person_id)
    try:
        actions.remove_photo(person_id, by=current_actor(), now=clock.now())
        flash(_("The photo is erased."), "success")
    except RuleError as error:
        flash(sentence(error), "error")
    return redirect(url_for("people.show", person_id=person_id))
