"""Guidance: what waits and what was talked about, one woman's guidance, and writing a meeting down."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from core import audit, clock, export, show
from core.access import current_actor, requires
from core.clock import Month
from core.db import db, transaction
from core.evidence.box import boxes
from core.export import Column
from core.forms import posted_id
from core.outcomes import attempt, saved
from core.people.lookup import posts_filters
from core.people.models import Person
from core.people.registry import home_of
from core.people.search import matching
from core.sites.models import Area, site_id_of
from workshop.actions import guidance as actions
from workshop.actions.guidance import MeetingFacts, is_due
from workshop.actions.ventures import subject_of
from workshop.forms.guidance import (
    USUAL_TOPICS,
    GuidanceFilter,
    MeetingForm,
    NextDayForm,
    VoidForm,
)
from workshop.lists import guidance as listing
from workshop.lists import ventures as venture_lists
from workshop.lists.guidance import PERSON_IN_LIST, GuidanceQuery
from workshop.models import GuidanceMeeting, Learner
from workshop.queries import is_her_record
from workshop.views import bp
from workshop.views.visible import (
    AT_WORKSHOP,
    person_in_filter,
    shown_name,
    visible_learner,
    workshops,
)

FOUND_AT_MOST = 30
USUAL_MINUTES = 30
FILTERS = ("q", "month", "mentor", "site", "person")


def _form_and_query() -> tuple[GuidanceFilter, GuidanceQuery]:
    """The filters of the address. Without a month, this one."""
    sites, site_ids = workshops(), current_actor().site_ids
    today = clock.service_day(clock.now())
    form = GuidanceFilter(sites, listing.mentors(site_ids), Month.of(today))
    query = GuidanceQuery(
        site_ids=site_ids, q=form.value_of("q") or "", mentor=form.value_of("mentor"),
        site_id=site_id_of(form.value_of("site"), sites), month=form.chosen_month,
        person_id=form.value_of("person"),
    )  # fmt: skip
    return form, query


@bp.route("/guidance", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
@posts_filters()
def guidance() -> str:
    """Next steps that wait, what is due first; then the meetings of a month."""
    form, query = _form_and_query()
    page = show.paginate(listing.meetings(query))
    most = show.page_rows()
    steps = list(db.session.scalars(listing.next_steps(query).limit(most + 1)))
    return render_template(
        "workshop/guidance.html", form=form, query=query, page=page, steps=steps[:most], more_steps=len(steps) > most,
        totals=listing.totals(query), today=clock.service_day(clock.now()),
        person=person_in_filter(query.person_id),
    )  # fmt: skip


@bp.get("/guidance.xlsx")
@requires(*AT_WORKSHOP)
def export_guidance() -> FlaskResponse:
    """The meetings of the same filters as a workbook, without notes."""
    form, query = _form_and_query()
    actor, now = current_actor(), clock.now()
    chosen = export.filters(form, person_in_filter(query.person_id))
    file, count = export.workbook(
        _("Business guidance"), _columns(), _all(query),
        lambda count: [*chosen, (_("Meetings"), "number", count)], by=actor.name, now=now,
        span=str(query.month or ""), frozen=2,
    )  # fmt: skip
    with transaction() as session:
        audit.record(session, "guidance.exported", subject="guidance", by=actor, now=now,
                     after={"rows": count, "filter": dict(request.args)})  # fmt: skip
    name = _("business guidance %(month)s", month=query.month or _("all months"))
    return send_file(
        file, mimetype=export.MEDIA_TYPE, as_attachment=True, download_name=f"{name}.xlsx"
    )


def _all(query: GuidanceQuery) -> Iterator[GuidanceMeeting]:
    return iter(db.session.scalars(listing.meetings(query)))


def _columns() -> list[Column[GuidanceMeeting]]:
    return [
        Column(_("Day"), 11, "day", lambda row: row.on),
        Column(_("Name"), 10, "text", lambda row: shown_name(row.person)),
        Column(_("Community"), 16, "text", lambda row: home_of(row.person)),
        Column(_("Mentor"), 12, "text", lambda row: row.mentor),
        Column(_("Minutes"), 8, "number", lambda row: row.minutes),
        Column(_("Topic"), 24, "text", lambda row: row.topic),
        Column(_("Venture"), 20, "text", lambda row: row.venture.name if row.venture else ""),
        Column(_("Next step"), 30, "text", lambda row: row.next_step),
        Column(_("Until when"), 11, "day", lambda row: row.next_on),
        Column(_("Done on"), 11, "day", lambda row: row.next_done_on),
        Column(_("Workshop"), 18, "text", lambda row: row.site.name),
        Column(_("Recorded by"), 12, "text", lambda row: row.recorded_by_name),
    ]


@bp.route("/guidance/new", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
@posts_filters()
def find_to_guide() -> str:
    """With whom the meeting was: a learner found by name, or one of those guided lately."""
    typed, person_id = request.args.get("q", "").strip(), request.args.get("person", type=posted_id)
    today = clock.service_day(clock.now())
    statement = (
        sa.select(Learner)
        .join(Person, Person.id == Learner.person_id)
        .where(is_her_record(), ~Person.is_practice)
        .where(sa.or_(Learner.ended_on.is_(None), Learner.ended_on >= today))
        .options(
            joinedload(Learner.person).load_only(*PERSON_IN_LIST)
            .joinedload(Person.residence_area).joinedload(Area.parent),
            joinedload(Learner.home_site),
        )
        .limit(FOUND_AT_MOST)
    )  # fmt: skip
    site_ids = current_actor().site_ids
    if site_ids is not None:
        statement = statement.where(Learner.home_site_id.in_(site_ids))
    if person_id is not None:
        statement = statement.where(Learner.person_id == person_id)
    if typed:
        statement = statement.where(matching(typed))
    if typed or person_id is not None:
        statement = statement.order_by(Person.pinyin, Learner.person_id)
    else:
        latest = (
            sa.select(GuidanceMeeting.person_id, sa.func.max(GuidanceMeeting.on).label("on"))
            .where(GuidanceMeeting.voided_at.is_(None))
            .group_by(GuidanceMeeting.person_id).subquery()
        )  # fmt: skip
        statement = statement.join(latest, latest.c.person_id == Learner.person_id).order_by(
            latest.c.on.desc(), Person.pinyin, Learner.person_id
        )
    found = list(db.session.scalars(statement))
    return render_template("workshop/find_to_guide.html", typed=typed, person_id=person_id,
                           found=found, most=FOUND_AT_MOST)  # fmt: skip


@bp.get("/learners/<int:person_id>/guidance")
@requires(*AT_WORKSHOP)
def learner_guidance(person_id: int) -> str:
    """Meetings, ventures and loans of one woman."""
    return guidance_page(visible_learner(person_id))


def guidance_page(
    learner: Learner, void_form: VoidForm | None = None, voiding_id: UUID | None = None
) -> str:
    """The page of one woman's guidance; a voiding that lacked something is open again."""
    ventures = venture_lists.ventures_of(learner.person_id)
    subjects = {venture.id: subject_of(venture) for venture in ventures}
    found = boxes(list(subjects.values()), current_actor())
    meetings = listing.meetings_of(learner.person_id)
    return render_template(
        "workshop/learner_guidance.html", learner=learner, person=learner.person,
        meetings=meetings, waiting=_waiting(meetings), ventures=ventures,
        loans=venture_lists.loans_of(ventures), placements=venture_lists.placements_of(ventures),
        papers={venture_id: found[subject] for venture_id, subject in subjects.items()},
        today=clock.service_day(clock.now()), void_form=void_form, voiding_id=voiding_id,
    )  # fmt: skip


def _waiting(meetings: list[GuidanceMeeting]) -> list[GuidanceMeeting]:
    waiting = [row for row in meetings if is_due(row)]
    return sorted(waiting, key=lambda row: (row.next_on, row.on))


@bp.route("/learners/<int:person_id>/guidance/new", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
def record_meeting(person_id: int) -> Response | str | tuple[str, int]:
    """Write a meeting down, on a phone, right after it."""
    learner, actor = visible_learner(person_id), current_actor()
    meetings = listing.meetings_of(person_id)
    standing = [row for row in meetings if row.voided_at is None]
    ventures = venture_lists.ventures_of(person_id)
    begun: dict[str, Any] = {
        "on": clock.service_day(clock.now()), "minutes": USUAL_MINUTES,
        "mentor": standing[0].mentor if standing else actor.name,
        "site_id": learner.home_site_id,
        "venture_id": request.args.get("venture", type=UUID)
        or (ventures[0].id if len(ventures) == 1 else None),
    }  # fmt: skip
    form = MeetingForm(workshops(), ventures, _waiting(meetings), data=begun)
    if form.validate_on_submit():
        facts = MeetingFacts(
            on=form.on.data, minutes=form.minutes.data, mentor=form.mentor.data or "",
            topic=form.topic.data or "", notes=form.notes.data, next_step=form.next_step.data or "",
            next_on=form.next_on.data, venture_id=form.venture_id.data, site_id=form.site_id.data,
        )  # fmt: skip
        if saved(form, lambda: actions.record_meeting(
            person_id, facts, meeting_id=form.made_id, done=form.done.data or (), by=actor,
            now=clock.now(),
        )):  # fmt: skip
            flash(_("The meeting with %(name)s is written down.", name=shown_name(learner.person)),
                  "success")  # fmt: skip
            return redirect(url_for("workshop.learner_guidance", person_id=person_id))
    page = render_template(
        "workshop/record_meeting.html", form=form, learner=learner, person=learner.person,
        topics=USUAL_TOPICS, mentors=listing.mentors(actor.site_ids),
    )  # fmt: skip
    return (page, 422) if form.is_submitted() else page


@bp.post("/learners/<int:person_id>/guidance/<uuid:meeting_id>/void")
@requires(*AT_WORKSHOP)
def void_meeting(person_id: int, meeting_id: UUID) -> Response | tuple[str, int]:
    """Declare a recorded meeting wrong, with a reason."""
    learner, form = visible_learner(person_id), VoidForm()
    if not form.validate_on_submit():
        return guidance_page(learner, form, meeting_id), 422
    attempt(
        lambda: actions.void_meeting(
            person_id,
            meeting_id,
            reason=form.reason.data or "",
            by=current_actor(),
            now=clock.now(),
        ),
        _("Voided. The meeting counts no longer; if it took place, record it anew."),
    )
    return redirect(url_for("workshop.learner_guidance", person_id=person_id))


@bp.post("/learners/<int:person_id>/guidance/<uuid:meeting_id>/next-step/end")
@requires(*AT_WORKSHOP)
def settle_next_step(person_id: int, meeting_id: UUID) -> Response:
    """The next step of a meeting is done."""
    visible_learner(person_id)
    now = clock.now()
    attempt(
        lambda: actions.settle_next_step(
            person_id, meeting_id, on=clock.service_day(now), by=current_actor(), now=now
        ),
        _("Done. It waits no longer."),
    )
    return _back(person_id)


@bp.post("/learners/<int:person_id>/guidance/<uuid:meeting_id>/next-step/delay")
@requires(*AT_WORKSHOP)
def delay_next_step(person_id: int, meeting_id: UUID) -> Response:
    """Put the next step of a meeting off to another day."""
    visible_learner(person_id)
    form = NextDayForm()
    if not form.validate_on_submit():
        flash(_("Choose the day until which it is put off. Nothing was changed."), "error")
        return _back(person_id)
    to = form.to.data
    assert to is not None
    attempt(
        lambda: actions.put_off_next_step(
            person_id, meeting_id, to=to, by=current_actor(), now=clock.now()
        ),
        _("Put off to %(day)s.", day=show.full_day(to)),
    )
    return _back(person_id)


def _back(person_id: int) -> Response:
    """To the work list as it was filtered when the button stood there, else to her own page."""
    if request.form.get("from") == "list":
        chosen: dict[str, Any] = {
            name: request.args[name] for name in FILTERS if name in request.args
        }
        return redirect(url_for("workshop.guidance", **chosen))
    return redirect(url_for("workshop.learner_guidance", person_id=person_id))
