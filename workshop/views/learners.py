"""Learners: the list, registration, and the page of one. No trainer comes here."""

from typing import Any

import sqlalchemy as sa
import structlog
from flask import Response as FlaskResponse
from flask import (
    abort,
    flash,
    g,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from core import audit, clock, show
from core.access import OFFICE, Role, access_of, current_actor, requires
from core.accounts.models import Grant, User
from core.db import db, transaction
from core.export import MEDIA_TYPE, filters
from core.forms import posted_id
from core.outcomes import saved
from core.people.actions.consents import in_force
from core.people.lookup import posts_filters, to_filtered
from core.people.models import Person
from core.people.registry import age_on, home_of
from core.people.search import matching
from core.privacy import mask_name
from core.sites.models import Area, AreaLevel, site_id_of
from workshop.actions import learners as actions
from workshop.evidence.hardship import subject_of
from workshop.exports import learners as learner_export
from workshop.forms.learner_filter import LEARNER_STATES, WISHES, LearnerFilter
from workshop.forms.learners import (
    CertifyForm,
    EndLearnerForm,
    HardshipForm,
    LearnerForm,
    RegisterForm,
    SkillForm,
)
from workshop.lists import learners as listing
from workshop.lists import life
from workshop.lists.learners import LearnerOrder, LearnerQuery, LearnerState
from workshop.models import HardshipCategory, HardshipTag, Learner, LearnerSkill
from workshop.phrases.learners import days_of, hours_of, times_of, wishes_of
from workshop.views import bp
from workshop.views.visible import (
    AT_WORKSHOP,
    person_in_filter,
    skills_in_use,
    visible_learner,
    workshops,
)

log = structlog.get_logger("access")
# Who follows a woman writes about her, and knows of her hardship; whoever runs the house does not.
MAY_REGISTER = (Role.CLERK, Role.REVIEWER, Role.COORDINATOR)
FOUND_AT_MOST = 30


def hardship_sites() -> frozenset[int] | None:
    """Of which workshops' learners the actor may know the hardship; None for all."""
    return current_actor().sites_of(Role.ADMIN, *MAY_REGISTER)


def coordinators() -> list[User]:
    """Accounts that can follow learners of the actor's workshops."""
    ids = [site.id for site in workshops()]
    granted = sa.select(Grant.user_id).where(
        Grant.role == Role.COORDINATOR, sa.or_(Grant.site_id.is_(None), Grant.site_id.in_(ids))
    )
    statement = sa.select(User).where(User.id.in_(granted), User.ended_at.is_(None))
    return list(db.session.scalars(statement.order_by(User.display_name, User.id)))


def hardship_in_use() -> list[HardshipCategory]:
    table = HardshipCategory
    statement = sa.select(table).where(table.is_active).order_by(table.position, table.id)
    return list(db.session.scalars(statement))


def _areas() -> list[Area]:
    levels = (AreaLevel.STREET, AreaLevel.COMMUNITY, AreaLevel.OUTSIDE)
    statement = sa.select(Area).where(Area.is_active, Area.level.in_(levels)).order_by(Area.code)
    return list(db.session.scalars(statement))


def _form_and_query() -> tuple[LearnerFilter, LearnerQuery]:
    sites, of_sites = workshops(), hardship_sites()
    knows = of_sites is None or bool(of_sites)
    form = LearnerFilter(
        sites, _areas(), skills_in_use(), coordinators(), hardship_in_use() if knows else None
    )
    query = LearnerQuery(
        on=clock.service_day(clock.now()), site_ids=current_actor().site_ids, shows_hardship=knows,
        hardship_sites=of_sites, q=form.value_of("q") or "", site_id=site_id_of(form.value_of("site"), sites),
        state=form.value_of("state") or LearnerState.REGISTERED,
        hardship=form.value_of("hardship"), area=form.value_of("area"),
        wish=form.value_of("wish"), skill=form.value_of("skill"),
        coordinator_id=form.value_of("coordinator"),
        order=form.value_of("order") or LearnerOrder.NAME, person_id=form.value_of("person"),
        within_days=form.value_of("within") or 30,
    )  # fmt: skip
    return form, query


@bp.route("/learners", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
@posts_filters()
def learners() -> str:
    """Learners by search, state, hardship, area and wish."""
    form, query = _form_and_query()
    page = show.paginate(listing.learners(query))
    return render_template(
        "workshop/learners.html", form=form, page=page, rows=listing.rows_of(page.items, query),
        query=query, is_filtered=bool(page.args), person=person_in_filter(query.person_id),
        may_see_hardship=query.shows_hardship,
    )  # fmt: skip


@bp.get("/learners.xlsx")
@requires(*AT_WORKSHOP)
def export_learners() -> FlaskResponse:
    """The same list as a workbook: every row that the filters let through, and no other."""
    form, query = _form_and_query()
    now, actor = clock.now(), current_actor()
    chosen = filters(form, person_in_filter(query.person_id))
    file, count = learner_export.workbook(query, chosen, home_of=home_of, by=actor.name, now=now)
    with transaction() as session:
        audit.record(session, "learners.exported", subject="learners", by=actor, now=now,
                     after={"rows": count, "filter": dict(request.args)})  # fmt: skip
    name = _("learners as of %(day)s", day=query.on)
    return send_file(file, mimetype=MEDIA_TYPE, as_attachment=True, download_name=f"{name}.xlsx")


@bp.route("/learners/new", methods=["GET", "POST"])
@requires(*MAY_REGISTER)
def find_learner() -> Response | str:
    """Whom to register: search the registry first, so that nobody is kept twice."""
    registered = sa.and_(~Person.is_practice, Person.merged_into_id.is_(None))
    if request.method == "POST":
        return to_filtered("workshop.find_learner", among=registered)
    typed, person_id = request.args.get("q", "").strip(), request.args.get("person", type=posted_id)
    found: list[tuple[Person, Learner | None]] = []
    if typed or person_id is not None:
        statement = (
            sa.select(Person, Learner)
            .outerjoin(Learner, Learner.person_id == Person.id)
            .where(matching(typed), registered)
            .where(sa.true() if person_id is None else Person.id == person_id)
            .options(joinedload(Person.residence_area).joinedload(Area.parent))
            .order_by(Person.pinyin, Person.id)
            .limit(FOUND_AT_MOST)
        )
        found = [(person, learner) for person, learner in db.session.execute(statement)]
    return render_template(
        "workshop/find_learner.html", typed=typed, person_id=person_id, found=found,
        most=FOUND_AT_MOST, today=clock.service_day(clock.now()), age_on=age_on,
    )  # fmt: skip


@bp.route("/learners/<int:person_id>/registration", methods=["GET", "POST"])
@requires(*MAY_REGISTER)
def register_learner(person_id: int) -> Response | str | tuple[str, int]:
    """Register somebody of the registry, or again after an end."""
    person = db.session.get(Person, person_id)
    if person is None or person.merged_into_id is not None or person.is_practice:
        abort(404)
    known = db.session.get(Learner, person_id)
    if known is None:
        known = db.session.scalar(actions.open_before_merge(person_id))
    if known is not None and known.ended_on is None and current_actor().sees_site(known.home_site_id):  # fmt: skip
        return redirect(url_for("workshop.learner", person_id=known.person_id))
    sites, actor = workshops(), current_actor()
    form = RegisterForm(sites, followers := coordinators(), data={
        "on": clock.service_day(clock.now()),
        "coordinator_id": actor.user_id if actor.user_id in {row.id for row in followers} else None,
    })  # fmt: skip
    if form.validate_on_submit() and form.on.data and _may_register_at(form.home_site_id.data):
        verb_args = _facts(form) | {"on": form.on.data, "by": actor, "now": clock.now()}
        if saved(form, lambda: actions.register_learner(person_id, **verb_args)):
            flash(
                _("%(name)s is registered. Next, ask what she wants and when she can come.",
                  name=person.name), "success",
            )  # fmt: skip
            return redirect(url_for("workshop.ask_needs", person_id=person_id))
    page = render_template(
        "workshop/register_learner.html", form=form, person=person, has_sites=bool(sites)
    )
    return (page, 422) if form.is_submitted() else page


def _may_register_at(site_id: int) -> bool:
    if not current_actor().sees_site(site_id):
        abort(403)
    return True


def _facts(form: LearnerForm) -> dict[str, Any]:
    return {
        "home_site_id": form.home_site_id.data, "worker_kind": form.worker_kind.data,
        "unemployed_since": form.unemployed_since.data,
        "coordinator_id": form.coordinator_id.data, "note": form.note.data or None,
    }  # fmt: skip


@bp.get("/learners/<int:person_id>")
@requires(*AT_WORKSHOP)
def learner(person_id: int) -> str:
    """One line of life, and what is known of her."""
    return learner_page(visible_learner(person_id))


def learner_page(row: Learner, open_form: str | None = None, **forms: Any) -> str:
    """The page of one learner, with one of its small forms open when it has something to say."""
    person_id, now = row.person_id, clock.now()
    today = clock.service_day(now)
    knows = current_actor().holds_at(row.home_site_id, Role.ADMIN, *MAY_REGISTER)
    # Staff see the phones of their own learners whole; that somebody looked is in the log.
    log.info("learner.shown", person_id=person_id)
    query = LearnerQuery(on=today, site_ids=None, shows_hardship=knows)
    tags, papers = _hardship(person_id) if knows else ([], {})
    line = life.line_of(row, now)
    skills = db.session.scalars(
        sa.select(LearnerSkill).where(LearnerSkill.person_id == person_id)
        .options(joinedload(LearnerSkill.skill)).order_by(LearnerSkill.since_on, LearnerSkill.skill_id)
    ).all()  # fmt: skip
    defaults = {
        "skill_form": lambda: SkillForm(skills_in_use(), prefix="skill", formdata=None, data={"since_on": today}),
        "hardship_form": lambda: HardshipForm(hardship_in_use() if knows else [], prefix="hardship",
                                              formdata=None, data={"from_on": today}),
        "end_form": lambda: EndLearnerForm(prefix="end", formdata=None, data={"on": today}),
        "certify_form": lambda: CertifyForm(prefix="certify", formdata=None),
    }  # fmt: skip
    return render_template(
        "workshop/learner.html", learner=row, may_see_hardship=knows,
        may_register=knows, person=row.person, today=today,
        listed=listing.rows_of([row], query)[0], line=line, stations=life.stations(line, today),
        skills=skills, tags=tags, papers=papers, open_form=open_form,
        consent=in_force(db.session(), person_id),
        **{name: forms.get(name) or make() for name, make in defaults.items()},
    )  # fmt: skip


def _hardship(person_id: int) -> tuple[list[HardshipTag], dict[Any, Any]]:
    from core.evidence.box import boxes

    tags = list(db.session.scalars(
        sa.select(HardshipTag).where(HardshipTag.person_id == person_id)
        .options(joinedload(HardshipTag.category))
        .order_by(HardshipTag.end_reason.is_not(None), HardshipTag.from_on.desc(), HardshipTag.id)
    ))  # fmt: skip
    found = boxes([subject_of(tag) for tag in tags], current_actor())
    return tags, {tag.id: found[subject_of(tag)] for tag in tags}


@bp.route("/learners/<int:person_id>/edit", methods=["GET", "POST"])
@requires(*MAY_REGISTER)
def change_learner(person_id: int) -> Response | str | tuple[str, int]:
    """Change site, coordinator, how her age counts, since when she has no work."""
    row = visible_learner(person_id)
    form = LearnerForm(workshops(), coordinators(), obj=row)
    if form.validate_on_submit() and _may_register_at(form.home_site_id.data):
        facts = _facts(form) | {"by": current_actor(), "now": clock.now()}
        if saved(form, lambda: actions.change_learner(person_id, **facts)):
            flash(_("Saved."), "success")
            return redirect(url_for("workshop.learner", person_id=person_id))
    page = render_template(
        "workshop/change_learner.html", form=form, learner=row, person=row.person
    )
    return (page, 422) if form.is_submitted() else page


@bp.post("/learners/<int:person_id>/end")
@requires(*MAY_REGISTER)
def end_learner(person_id: int) -> Response | tuple[str, int]:
    """She learns here no more."""
    row, form = visible_learner(person_id), EndLearnerForm(prefix="end")
    if not form.validate_on_submit() or form.on.data is None:
        return learner_page(row, "end", end_form=form), 422
    last_day = form.on.data
    if not saved(form, lambda: actions.end_learner(
        person_id, on=last_day, reason=form.reason.data or "", by=current_actor(), now=clock.now()
    )):  # fmt: skip
        return learner_page(row, "end", end_form=form), 422
    flash(_("Her time as a learner ends on %(day)s.", day=show.full_day(last_day)), "success")
    return redirect(url_for("workshop.learner", person_id=person_id))


def _page_at(endpoint: str, args: dict[str, Any]) -> str:
    """The address of a page of the workshop; "" when it is not open to the actor."""
    declared = access_of(endpoint)
    may_open = declared is not None and current_actor().has(*declared.roles)
    return url_for(endpoint, **args) if may_open else ""


def _shown_name(person: Person, learner: Learner | None) -> str:
    """Whole for the office and for learners of the actor's own site, masked for everybody else."""
    actor = current_actor()
    is_own = learner is not None and actor.sees_site(learner.home_site_id)
    return str(person.name) if actor.has(*OFFICE) or is_own else mask_name(person.name)


@bp.context_processor
def _of_learners() -> dict[str, Any]:
    actor = g.get("actor")
    allowed = actor.has if actor else lambda *_roles: False
    return {
        "shown_in_registry": _shown_name, "learner_states": LEARNER_STATES,
        "wish_words": WISHES, "page_at": _page_at, "hours_of": hours_of, "wishes_of": wishes_of,
        "days_she_named": days_of, "times_she_named": times_of,
        "may_register": allowed(Role.ADMIN, *MAY_REGISTER),
        "may_see_person": allowed(*OFFICE, Role.MANAGER, Role.AUDITOR),
    }  # fmt: skip
