"""What is dated about a learner: needs, skills, hardship. Small forms of her page."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import current_actor, requires
from core.outcomes import attempt, saved
from workshop.actions import hardship as hardship_actions
from workshop.actions import learners as actions
from workshop.forms.learners import (
    CertifyForm,
    EndLearnerForm,
    HardshipForm,
    NeedsForm,
    SkillForm,
    told_before,
)
from workshop.lists.learners import latest_needs
from workshop.views import bp
from workshop.views.learners import (
    MAY_REGISTER,
    hardship_in_use,
    learner_page,
)
from workshop.views.visible import skills_in_use, visible_learner


def _back(person_id: int, part: str) -> Response:
    return redirect(url_for("workshop.learner", person_id=person_id, _anchor=part))


@bp.route("/learners/<int:person_id>/needs/new", methods=["GET", "POST"])
@requires(*MAY_REGISTER)
def ask_needs(person_id: int) -> Response | str | tuple[str, int]:
    """What she wants and when she can come; begins with what she told last."""
    row = visible_learner(person_id)
    known = latest_needs([person_id]).get(person_id)
    today = clock.service_day(clock.now())
    told = told_before(known)
    form = NeedsForm(skills_in_use(*told["skill_ids"]), data={**told, "asked_on": today})
    asked_on = form.asked_on.data
    if form.validate_on_submit() and asked_on and saved(form, lambda: actions.record_needs(
        person_id, form.needs(), asked_on=asked_on, by=current_actor(), now=clock.now()
    )):  # fmt: skip
        flash(_("What she told is noted."), "success")
        return _back(person_id, "needs")
    page = render_template(
        "workshop/ask_needs.html", form=form, learner=row, person=row.person, known=known
    )
    return (page, 422) if form.is_submitted() else page


@bp.post("/learners/<int:person_id>/skills")
@requires(*MAY_REGISTER)
def set_skill(person_id: int) -> Response | tuple[str, int]:
    """Note a skill that she has."""
    row, form = visible_learner(person_id), SkillForm(skills_in_use(), prefix="skill")
    since_on = form.since_on.data
    if not form.validate_on_submit() or since_on is None or not saved(form, lambda: actions.set_skill(
        person_id, form.skill_id.data, form.level.data, source=form.source.data, since_on=since_on,
        by=current_actor(), now=clock.now(),
    )):  # fmt: skip
        return learner_page(row, "skill", skill_form=form), 422
    flash(_("The skill is noted."), "success")
    return _back(person_id, "skills")


@bp.post("/learners/<int:person_id>/skills/<int:skill_id>/removal")
@requires(*MAY_REGISTER)
def remove_skill(person_id: int, skill_id: int) -> Response:
    """The entry was wrong."""
    visible_learner(person_id)
    attempt(
        lambda: actions.remove_skill(person_id, skill_id, by=current_actor(), now=clock.now()),
        _("The skill is removed."),
    )
    return _back(person_id, "skills")


@bp.post("/learners/<int:person_id>/hardship")
@requires(*MAY_REGISTER)
def add_hardship(person_id: int) -> Response | tuple[str, int]:
    """Note a hardship from a day on."""
    row, form = visible_learner(person_id), HardshipForm(hardship_in_use(), prefix="hardship")
    from_on = form.from_on.data
    if not form.validate_on_submit() or from_on is None or not saved(form, lambda: hardship_actions.add_hardship(
        person_id, form.category_id.data, basis=form.basis.data, from_on=from_on,
        until_on=form.until_on.data, evidence=form.evidence.data or "",
        certified_by=form.certified_by.data, by=current_actor(), now=clock.now(),
    )):  # fmt: skip
        return learner_page(row, "hardship", hardship_form=form), 422
    flash(_("The hardship is noted. Trainers do not see it."), "success")
    return _back(person_id, "hardship")


@bp.post("/learners/<int:person_id>/hardship/<uuid:tag_id>/certificate")
@requires(*MAY_REGISTER)
def certify_hardship(person_id: int, tag_id: UUID) -> Response | tuple[str, int]:
    """What she said is certified now, or certified anew."""
    row, form = visible_learner(person_id), CertifyForm(prefix="certify")
    if not form.validate_on_submit() or not saved(form, lambda: hardship_actions.certify_hardship(
        person_id, tag_id, certified_by=form.certified_by.data or "",
        evidence=form.evidence.data or "", until_on=form.until_on.data, by=current_actor(),
        now=clock.now(),
    )):  # fmt: skip
        return learner_page(row, f"certify-{tag_id}", certify_form=form), 422
    flash(_("It is noted as certified."), "success")
    return _back(person_id, "hardship")


@bp.post("/learners/<int:person_id>/hardship/<uuid:tag_id>/end")
@requires(*MAY_REGISTER)
def end_hardship(person_id: int, tag_id: UUID) -> Response:
    """It holds no longer."""
    visible_learner(person_id)
    form = EndLearnerForm()
    if not form.validate_on_submit() or form.on.data is None:
        flash(_("Give the last day and a reason. Nothing was changed."), "error")
        return _back(person_id, "hardship")
    last_day = form.on.data
    attempt(
        lambda: hardship_actions.end_hardship(
            person_id, tag_id, on=last_day, reason=form.reason.data or "", by=current_actor(),
            now=clock.now(),
        ),
        _("The entry has ended; it stays on record."),
    )  # fmt: skip
    return _back(person_id, "hardship")
