"""Ventures: the list by stage, one venture with its stages, papers and loans."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock, show
from core.access import current_actor, requires
from core.db import db
from core.edge import sentence
from core.errors import RuleError
from core.outcomes import saved
from core.people.lookup import posts_filters
from core.sites.models import site_id_of
from workshop import words
from workshop.actions import ventures as actions
from workshop.actions.ventures import StageMove, subject_of
from workshop.forms.guidance import (
    ChangeVentureForm,
    LoanForm,
    LoanMoveForm,
    NewVentureForm,
    StageForm,
    VentureFilter,
)
from workshop.lists import ventures as listing
from workshop.lists.ventures import VentureQuery
from workshop.models import Learner, LoanApplication, Venture
from workshop.rules.ventures import LOAN, is_back
from workshop.values import LoanState, VentureStage
from workshop.views import bp
from workshop.views.visible import AT_WORKSHOP, person_in_filter, visible_learner, workshops


@bp.route("/ventures", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
@posts_filters()
def ventures() -> str:
    """Businesses of their own, the farthest first."""
    sites = workshops()
    form = VentureFilter(sites)
    query = VentureQuery(
        site_ids=current_actor().site_ids, q=form.value_of("q") or "",
        site_id=site_id_of(form.value_of("site"), sites), stage=form.value_of("stage"),
        loan=form.value_of("loan"), person_id=form.value_of("person"),
    )  # fmt: skip
    page = show.paginate(listing.ventures(query))
    return render_template(
        "workshop/ventures.html", form=form, query=query, page=page, counts=listing.counts(query),
        loans=listing.loans_of(page.items), placements=listing.placements_of(page.items),
        person=person_in_filter(query.person_id), is_filtered=bool(page.args),
    )  # fmt: skip


def visible_venture(person_id: int, venture_id: UUID) -> tuple[Learner, Venture]:
    """One venture of a visible learner."""
    learner = visible_learner(person_id)
    row = db.session.get(Venture, (person_id, venture_id))
    if row is None:
        abort(404)
    return learner, row


@bp.route("/learners/<int:person_id>/ventures/new", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
def open_venture(person_id: int) -> Response | str | tuple[str, int]:
    """Begin to follow a business of hers."""
    learner = visible_learner(person_id)
    form = NewVentureForm(data={"on": clock.service_day(clock.now())})
    if form.validate_on_submit() and saved(form, lambda: actions.open_venture(
        person_id, name=form.name.data or "", trade=form.trade.data or "", plan=form.plan.data,
        on=form.on.data, venture_id=form.made_id, by=current_actor(), now=clock.now(),
    )):  # fmt: skip
        flash(_("%(venture)s is followed from now on.", venture=form.name.data), "success")
        return redirect(url_for("workshop.venture", person_id=person_id, venture_id=form.made_id))
    page = render_template(
        "workshop/open_venture.html", form=form, learner=learner, person=learner.person
    )
    return (page, 422) if form.is_submitted() else page


@bp.get("/learners/<int:person_id>/ventures/<uuid:venture_id>")
@requires(*AT_WORKSHOP)
def venture(person_id: int, venture_id: UUID) -> str:
    """One venture: where it stands, how it came there, its papers and loans."""
    return venture_page(*visible_venture(person_id, venture_id))


def venture_page(
    learner: Learner, row: Venture, *, stage_form: StageForm | None = None,
    loan_form: LoanForm | None = None, loan_move: LoanMoveForm | None = None,
) -> str:  # fmt: skip
    """The page of one venture, with the form open that still lacks something."""
    today = {"on": clock.service_day(clock.now())}
    loans = listing.loans_of([row]).get(row.id, [])
    return render_template(
        "workshop/venture.html", learner=learner, person=learner.person, venture=row,
        moves=listing.moves_of(row), subject=subject_of(row), loans=loans,
        placement=listing.placements_of([row]).get(row.id),
        stage_forms=_stage_forms(row, stage_form, today), is_open=stage_form,
        loan_form=loan_form or LoanForm(formdata=None, data=today), is_loan_open=loan_form,
        loan_forms={loan.id: _loan_forms(loan, loan_move, today) for loan in loans},
        loan_move=loan_move,
    )  # fmt: skip


def _stage_form(row: Venture, to: VentureStage, **more: Any) -> StageForm:
    return StageForm(
        to, needs_reason=is_back(row.stage, to) or to is VentureStage.ENDED,
        has_licence=bool(row.licence_on and row.licence_number), **more,
    )  # fmt: skip


def _stage_forms(row: Venture, sent: StageForm | None, begun: dict[str, Any]) -> list[StageForm]:
    """A form for each stage that it may go to: on first, then the end, then back."""
    others = [stage for stage in VentureStage if stage is not row.stage]
    others.sort(key=lambda stage: is_back(row.stage, stage))
    return [
        sent if sent and sent.to is to
        else _stage_form(row, to, formdata=None, data={
            **begun, "jobs_created": row.jobs_created or 1, "licence_number": row.licence_number,
        })
        for to in others
    ]  # fmt: skip


def _loan_forms(
    loan: LoanApplication, sent: LoanMoveForm | None, begun: dict[str, Any]
) -> list[LoanMoveForm]:
    made = [
        LoanMoveForm(loan.id, to, formdata=None, data={
            **begun, "granted": loan.granted_fen or loan.amount_fen, "note": loan.note,
        })
        for to in LoanState if to in LOAN[loan.state]
    ]  # fmt: skip
    # By name: the prefix holds the loan and the state that it is to come to.
    return [sent if sent and sent.on.name == each.on.name else each for each in made]


@bp.route("/learners/<int:person_id>/ventures/<uuid:venture_id>/edit", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
def change_venture(person_id: int, venture_id: UUID) -> Response | str | tuple[str, int]:
    """Change its name, trade, plan and jobs."""
    learner, row = visible_venture(person_id, venture_id)
    form = ChangeVentureForm(obj=row)
    if form.validate_on_submit() and saved(form, lambda: actions.change_venture(
        person_id, venture_id, name=form.name.data or "", trade=form.trade.data or "",
        plan=form.plan.data, jobs_created=form.jobs_created.data or 0, by=current_actor(),
        now=clock.now(),
    )):  # fmt: skip
        flash(_("Saved."), "success")
        return redirect(url_for("workshop.venture", person_id=person_id, venture_id=venture_id))
    page = render_template("workshop/change_venture.html", form=form, venture=row, learner=learner,
                           person=learner.person)  # fmt: skip
    return (page, 422) if form.is_submitted() else page


@bp.post("/learners/<int:person_id>/ventures/<uuid:venture_id>/stage")
@requires(*AT_WORKSHOP)
def move_venture(person_id: int, venture_id: UUID) -> Response | tuple[str, int]:
    """Lead a venture to another stage."""
    learner, row = visible_venture(person_id, venture_id)
    to, seen = _stage("to"), _stage("seen")
    page = url_for("workshop.venture", person_id=person_id, venture_id=venture_id)
    if seen is not row.stage or to is row.stage:
        flash(sentence(RuleError("venture_moved_meanwhile")), "error")
        return redirect(page)
    form = _stage_form(row, to)
    if not form.validate_on_submit():
        return venture_page(learner, row, stage_form=form), 422
    assert form.on.data is not None
    move = StageMove(
        to, form.on.data, seen=seen, reason=form.value_of("reason"),
        licence_on=form.value_of("licence_on"), licence_number=form.value_of("licence_number"),
        jobs_created=form.value_of("jobs_created"),
    )  # fmt: skip
    if not saved(form, lambda: actions.move_stage(
        person_id, venture_id, move, by=current_actor(), now=clock.now()
    )):  # fmt: skip
        learner, row = visible_venture(person_id, venture_id)
        return venture_page(learner, row, stage_form=form), 422
    flash(_("It now stands at: %(stage)s.", stage=words.VENTURE_STAGE[to]), "success")
    return redirect(page)


def _stage(name: str) -> VentureStage:
    try:
        return VentureStage(request.form.get(name, ""))
    except ValueError:
        abort(400)


@bp.post("/learners/<int:person_id>/ventures/<uuid:venture_id>/loans")
@requires(*AT_WORKSHOP)
def apply_for_loan(person_id: int, venture_id: UUID) -> Response | tuple[str, int]:
    """Begin an application for a loan."""
    learner, row = visible_venture(person_id, venture_id)
    form = LoanForm()
    if not form.validate_on_submit() or not saved(form, lambda: actions.apply_for_loan(
        person_id, venture_id, bank=form.bank.data or "", amount_fen=form.amount.data or 0,
        note=form.note.data or "", on=form.on.data, loan_id=form.made_id, by=current_actor(),
        now=clock.now(),
    )):  # fmt: skip
        return venture_page(learner, row, loan_form=form), 422
    flash(_("The application is written down."), "success")
    return redirect(url_for("workshop.venture", person_id=person_id, venture_id=venture_id))


@bp.post("/learners/<int:person_id>/ventures/<uuid:venture_id>/loans/<uuid:loan_id>/state")
@requires(*AT_WORKSHOP)
def move_loan(person_id: int, venture_id: UUID, loan_id: UUID) -> Response | tuple[str, int]:
    """Write down what became of an application."""
    learner, row = visible_venture(person_id, venture_id)
    loan = db.session.get(LoanApplication, (person_id, loan_id))
    if loan is None or loan.venture_id != venture_id:
        abort(404)
    to, seen = _loan_state("to"), _loan_state("seen")
    page = url_for("workshop.venture", person_id=person_id, venture_id=venture_id)
    if seen is not loan.state or to not in LOAN[loan.state]:
        flash(sentence(RuleError("loan_moved_meanwhile")), "error")
        return redirect(page)
    form = LoanMoveForm(loan_id, to)
    if not form.validate_on_submit():
        return venture_page(learner, row, loan_move=form), 422
    on = form.on.data
    assert on is not None
    if not saved(form, lambda: actions.move_loan(
        person_id, loan_id, to, on=on, seen=seen, granted_fen=form.granted_fen,
        note=form.note.data, by=current_actor(), now=clock.now(),
    )):  # fmt: skip
        learner, row = visible_venture(person_id, venture_id)
        return venture_page(learner, row, loan_move=form), 422
    flash(_("The loan now stands at: %(state)s.", state=words.LOAN_STATE[to]), "success")
    return redirect(page)


def _loan_state(name: str) -> LoanState:
    try:
        return LoanState(request.form.get(name, ""))
    except ValueError:
        abort(400)
