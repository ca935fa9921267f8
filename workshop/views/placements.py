"""Placements: the list, one with its next step, and work that she found by herself."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from core import clock, show
from core.access import Role, current_actor, requires
from core.db import db
from core.export import MEDIA_TYPE, filters
from core.forms import posted_id
from core.outcomes import saved
from core.people.lookup import posts_filters
from core.people.models import Person
from core.people.search import matching
from core.sites.models import Area, site_id_of
from workshop.actions import placements as actions
from workshop.exports import placements as placement_book
from workshop.forms.placements import (
    LeaveForm,
    MoveForm,
    OwnWorkForm,
    PlacementFilter,
    StartForm,
    StopForm,
    TermsForm,
    VerifyForm,
)
from workshop.lists import jobs as listing
from workshop.lists.jobs import MonthOf, PlacementQuery
from workshop.lists.rates import is_early
from workshop.models import FollowUp, Learner, Placement, PlacementMove, Venture
from workshop.values import Channel, Form, PlacementState, VacancyState
from workshop.views import bp
from workshop.views.jobs_visible import (
    MAY_PLACE,
    active_employers,
    sees_wages_at,
    visible_placement,
)
from workshop.views.visible import AT_WORKSHOP, person_in_filter, visible_learner, workshops

FOUND_AT_MOST = 30
# The step that is offered first, where there is one.
NEXT = {
    PlacementState.REFERRED: PlacementState.INTERVIEW,
    PlacementState.INTERVIEW: PlacementState.HIRED,
    PlacementState.HIRED: PlacementState.STARTED,
    PlacementState.STARTED: PlacementState.VERIFIED,
}


def _query(form: PlacementFilter) -> PlacementQuery:
    return PlacementQuery(
        site_ids=current_actor().site_ids, q=form.value_of("q") or "",
        person_id=form.value_of("person"), site_id=site_id_of(form.site.data, workshops()),
        state=form.value_of("state"), channel=form.value_of("channel"),
        month=form.value_of("month"), month_of=form.value_of("month_of") or MonthOf.VERIFIED,
    )  # fmt: skip


@bp.route("/placements", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
@posts_filters()
def placements() -> str:
    """Placements by search, state, channel and month."""
    form = PlacementFilter(workshops())
    query = _query(form)
    page = show.paginate(listing.placements(query))
    return render_template(
        "workshop/placements.html", form=form, page=page, is_filtered=bool(page.args),
        is_early=is_early, person=person_in_filter(query.person_id),
    )  # fmt: skip


@bp.get("/placements.xlsx")
@requires(*MAY_PLACE)
def export_placements() -> Response:
    """The rows of the list as a workbook; who took it is in the log."""
    form = PlacementFilter(workshops())
    query = _query(form)
    # Without a month nothing is asked of which of its days counts.
    chosen = filters(form, person_in_filter(query.person_id),
                     without=() if query.month else ("month_of",))  # fmt: skip
    file, count = placement_book.workbook(query, chosen, by=current_actor().name, now=clock.now())
    name = f"{_('Placements')}-{clock.service_day(clock.now())}.xlsx"
    actions.note_export(count, by=current_actor(), now=clock.now())
    return send_file(file, MEDIA_TYPE, as_attachment=True, download_name=name)


@bp.route("/placements/new", methods=["GET", "POST"])
@requires(*MAY_PLACE)
@posts_filters()
def find_to_place() -> str:
    """Whose work is to be entered."""
    typed, person_id = request.args.get("q", "").strip(), request.args.get("person", type=posted_id)
    found: list[Learner] = []
    if typed or person_id is not None:
        site_ids = current_actor().site_ids
        found = list(db.session.scalars(
            sa.select(Learner)
            .join(Person, Person.id == Learner.person_id)
            .where(matching(typed), Person.merged_into_id.is_(None),
                   sa.true() if person_id is None else Learner.person_id == person_id,
                   sa.true() if site_ids is None else Learner.home_site_id.in_(site_ids))
            .options(joinedload(Learner.person).load_only(*listing.PERSON_IN_LIST)
                     .joinedload(Person.residence_area).joinedload(Area.parent))
            .order_by(Person.pinyin, Learner.person_id)
            .limit(FOUND_AT_MOST)
        ))  # fmt: skip
    return render_template("workshop/find_to_place.html", typed=typed, person_id=person_id, found=found,
                           most=FOUND_AT_MOST)  # fmt: skip


@bp.route("/learners/<int:person_id>/placements/new", methods=["GET", "POST"])
@requires(*MAY_PLACE)
def start_own(person_id: int) -> Response | str | tuple[str, int]:
    """Enter work that she found by herself, a business of her own, or piecework at home."""
    learner, made = visible_learner(person_id), []
    venture = _venture_asked(person_id)
    form = OwnWorkForm(active_employers(), data=_begun_with(venture))
    if form.validate_on_submit() and saved(form, lambda: made.append(actions.start_own(
        person_id, channel=form.channel.data, form=form.form.data,
        job_title=form.job_title.data or "", started_on=form.started_on.data,
        employer_id=form.employer_id.data, employer_name=form.employer_name.data or "",
        terms=form.terms(), by=current_actor(), now=clock.now(),
        venture_id=venture.id if venture and form.channel.data is Channel.VENTURE else None,
    ).id)):  # fmt: skip
        flash(
            _("Entered. It counts once it is verified: attach the paper and verify it below."),
            "success",
        )
        return redirect(url_for("workshop.placement", person_id=person_id, placement_id=made[0]))
    page = render_template(
        "workshop/start_own.html", form=form, learner=learner, person=learner.person
    )
    return (page, 422) if form.is_submitted() else page


def _venture_asked(person_id: int) -> Venture | None:
    """The business of hers from whose page she is entered as placed."""
    venture_id = request.args.get("venture", type=UUID)
    return db.session.get(Venture, (person_id, venture_id)) if venture_id else None


def _begun_with(venture: Venture | None) -> dict[str, Any]:
    """What the form begins with."""
    if venture is not None:
        return {
            "channel": Channel.VENTURE, "form": Form.VENTURE, "employer_name": venture.name,
            "job_title": venture.trade, "started_on": venture.stage_since,
        }  # fmt: skip
    return {
        "started_on": clock.service_day(clock.now()), "channel": Channel.OWN_WORK,
        "employer_name": request.args.get("employer", ""),
    }  # fmt: skip


@bp.get("/placements/<int:person_id>/<uuid:placement_id>")
@requires(*AT_WORKSHOP, Role.AUDITOR)
def placement(person_id: int, placement_id: UUID) -> str:
    """One way into one job: its moves, the next step, papers, follow-ups."""
    return placement_page(visible_placement(person_id, placement_id))


def placement_page(row: Placement, **forms: Any) -> str:
    """The page of a placement, with one of its forms as it was typed."""
    today = clock.service_day(clock.now())
    hers = {"person_id": row.person_id, "placement_id": row.id}
    moves = db.session.scalars(
        sa.select(PlacementMove).filter_by(**hers).order_by(PlacementMove.number)
    ).all()
    asked = db.session.scalars(
        sa.select(FollowUp).filter_by(**hers).order_by(FollowUp.after_days)
    ).all()
    ahead = NEXT.get(row.state)
    kind = StartForm if ahead is PlacementState.STARTED else MoveForm
    begins: dict[str, Any] = {"on": today, "to": ahead.value if ahead else ""}
    terms = {"started_on": row.started_on, "wage_fen": row.wage_fen, "hours_week": row.hours_week,
             "form": row.form}  # fmt: skip
    if row.vacancy is not None and kind is StartForm:
        begins |= {"wage_fen": row.vacancy.wage_from_fen, "hours_week": row.vacancy.hours_week}
    defaults = {
        "move_form": lambda: kind(prefix="move", formdata=None, data=begins),
        "stop_form": lambda: StopForm(prefix="stop", formdata=None, data={"on": today}),
        "verify_form": lambda: VerifyForm(
            row.form, prefix="verify", formdata=None, data={"on": today}
        ),
        "leave_form": lambda: LeaveForm(prefix="leave", formdata=None, data={"on": today}),
        "terms_form": lambda: TermsForm(row.channel, prefix="terms", formdata=None, data=terms),
    }
    return render_template(
        "workshop/placement.html", row=row, sees_wages=sees_wages_at(row.site_id),
         person=row.person, moves=moves, follow_ups=asked,
        ahead=ahead, today=today, is_early=is_early(row.started_on, row.left_on), opened=set(forms),
        subject=actions.subject_of(row.person_id, row.id),
        **{name: forms.get(name) or make() for name, make in defaults.items()},
    )  # fmt: skip


def _back(row: Placement) -> Response:
    return redirect(url_for("workshop.placement", person_id=row.person_id, placement_id=row.id))


def _answer(
    row: Placement, name: str, form: Any, verb: Any, done: str
) -> Response | tuple[str, int]:
    """Do what a form of the page asks for; when it can't be done, show it again as it was typed."""
    if form.validate_on_submit() and saved(form, verb):
        flash(done, "success")
        return _back(row)
    db.session.rollback()
    fresh = visible_placement(row.person_id, row.id)
    return placement_page(fresh, **{name: form}), 422


@bp.post("/placements/<int:person_id>/<uuid:placement_id>/moves")
@requires(*MAY_PLACE)
def move_placement(person_id: int, placement_id: UUID) -> Response | tuple[str, int]:
    """One step on: interview, hired, started."""
    row = visible_placement(person_id, placement_id)
    form = (
        StartForm(prefix="move") if row.state is PlacementState.HIRED else MoveForm(prefix="move")
    )

    def verb() -> None:
        actions.move(
            person_id, placement_id, PlacementState(form.to.data), on=form.on.data,
            by=current_actor(), now=clock.now(),
            terms=form.terms() if isinstance(form, StartForm) else None,
        )  # fmt: skip

    answer = _answer(row, "move_form", form, verb, _("Entered."))
    if not isinstance(answer, tuple):
        _say_when_filled(row)
    return answer


def _say_when_filled(row: Placement) -> None:
    db.session.expire_all()
    moved = visible_placement(row.person_id, row.id)
    vacancy = moved.vacancy
    if moved.state is not PlacementState.HIRED or vacancy is None:
        return
    if vacancy.state is VacancyState.FILLED and (
        count := listing.to_tell_count(vacancy.id, current_actor().site_ids)
    ):
        flash(_("With this the vacancy is filled; %(count)s other referrals ended. Its page lists whom to tell.",
                count=count), "warning")  # fmt: skip


@bp.post("/placements/<int:person_id>/<uuid:placement_id>/stop")
@requires(*MAY_PLACE)
def stop_placement(person_id: int, placement_id: UUID) -> Response | tuple[str, int]:
    """It came to nothing: not hired, or she gave it up."""
    row, form = visible_placement(person_id, placement_id), StopForm(prefix="stop")
    return _answer(row, "stop_form", form, lambda: actions.move(
        person_id, placement_id, form.to.data, on=form.on.data, reason=form.reason.data,
        by=current_actor(), now=clock.now(),
    ), _("Entered."))  # fmt: skip


@bp.post("/placements/<int:person_id>/<uuid:placement_id>/verification")
@requires(*MAY_PLACE)
def verify_placement(person_id: int, placement_id: UUID) -> Response | tuple[str, int]:
    """Verify it by an attached paper."""
    row = visible_placement(person_id, placement_id)
    form = VerifyForm(row.form, prefix="verify")
    return _answer(row, "verify_form", form, lambda: actions.verify(
        person_id, placement_id, evidence_kind=form.evidence_kind.data, on=form.on.data,
        by=current_actor(), now=clock.now(),
    ), _("Verified. It counts in this month."))  # fmt: skip


@bp.post("/placements/<int:person_id>/<uuid:placement_id>/end")
@requires(*MAY_PLACE)
def leave_placement(person_id: int, placement_id: UUID) -> Response | tuple[str, int]:
    """She left."""
    row, form = visible_placement(person_id, placement_id), LeaveForm(prefix="leave")
    return _answer(row, "leave_form", form, lambda: actions.leave(
        person_id, placement_id, on=form.on.data, reason=form.reason.data, note=form.note.data,
        by=current_actor(), now=clock.now(),
    ), _("Entered. Follow-ups due after her last day ended with it."))  # fmt: skip


@bp.post("/placements/<int:person_id>/<uuid:placement_id>/terms")
@requires(*MAY_PLACE)
def change_placement(person_id: int, placement_id: UUID) -> Response | tuple[str, int]:
    """Correct first day, wage, hours and form before it is verified."""
    row = visible_placement(person_id, placement_id)
    form = TermsForm(row.channel, prefix="terms")
    return _answer(row, "terms_form", form, lambda: actions.change_terms(
        person_id, placement_id, form.terms(), form=form.form.data, by=current_actor(),
        now=clock.now(), started_on=form.started_on.data,
    ), _("Saved."))  # fmt: skip
