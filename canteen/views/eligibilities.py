"""Eligibilities: what waits for somebody, and the life of one: proposed, approved, renewed, ended."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from canteen import actions
from canteen.evidence import subject_of
from canteen.forms.diners import EligibilityForm, EndForm, ReasonForm, RenewalForm
from canteen.forms.filters import PAPER_LISTS, PaperFilter
from canteen.lists.eligibilities import PaperList
from canteen.lists.eligibilities import eligibilities as statement_of
from canteen.models import Diner, Eligibility
from canteen.views import bp
from canteen.views.visible import (
    MAY_DECIDE,
    MAY_PROPOSE,
    all_categories,
    canteens,
    grace_days,
    visible_diner,
    visible_eligibility,
)
from core import clock, show
from core.access import OFFICE, Role, current_actor, requires
from core.evidence.uploads import attach_all, sent_files, takes_papers
from core.outcomes import attempt, saved
from core.people.lookup import posts_filters
from core.sites.models import site_id_of


def _page_of(person_id: int) -> Response:
    return redirect(url_for("canteen.diner", person_id=person_id))


@bp.route("/eligibilities", methods=["GET", "POST"])
@requires(*OFFICE, Role.MANAGER)
@posts_filters(of_people=False)
def eligibilities() -> str:
    """Papers that wait for approval, have run out, or soon will."""
    sites = canteens()
    form = PaperFilter(sites)
    shown = form.value_of("show") or PaperList.PROPOSED
    today = clock.service_day(clock.now())
    days = {"grace_days": grace_days(), "within_days": form.value_of("within") or 30}
    page = show.paginate(
        statement_of(shown, today, **days, site_ids=current_actor().site_ids,
                     site_id=site_id_of(form.site.data, sites)),
        scalars=False,
    )  # fmt: skip
    return render_template("canteen/eligibilities.html", form=form, page=page, shown=shown, today=today,
                           lists=PAPER_LISTS, **days)  # fmt: skip


@bp.route("/diners/<int:person_id>/eligibilities/new", methods=["GET", "POST"])
@requires(*MAY_PROPOSE)
@takes_papers
def propose_eligibility(person_id: int) -> Response | str | tuple[str, int]:
    """Propose a category on evidence."""
    row, today = visible_diner(person_id), clock.service_day(clock.now())
    form = EligibilityForm(
        all_categories(), data={"from_on": today, "until_on": date(today.year, 12, 31)}
    )
    if form.validate_on_submit() and saved(form, lambda: _with_papers(actions.propose_eligibility(
        person_id, form.category_id.data, from_on=form.from_on.data,
        until_on=form.until_on.data, evidence=form.evidence.data or "",
        by=current_actor(), now=clock.now(),
    ))):  # fmt: skip
        flash(
            _("The eligibility is proposed. It counts once a reviewer has approved it."), "success"
        )
        return _page_of(person_id)
    return _form_page("canteen/propose_eligibility.html", form, row)


def _with_papers(row: Eligibility) -> None:
    """Attach what was sent along. What cannot be taken is named; the proposal stands, and the diner's
    page takes the paper again."""
    title = request.form.get("papers_title", "").strip()
    attach_all(subject_of(row), sent_files(), title=title, by=current_actor(), now=clock.now())


def _form_page(template: str, form: Any, row: Diner, **more: Any) -> str | tuple[str, int]:
    page = render_template(template, form=form, diner=row, person=row.person, **more)
    return (page, 422) if form.is_submitted() else page


@bp.post("/diners/<int:person_id>/eligibilities/<uuid:eligibility_id>/approval")
@requires(*MAY_DECIDE)
def approve_eligibility(person_id: int, eligibility_id: UUID) -> Response:
    """Approve a proposal; who did stands on it."""
    visible_eligibility(person_id, eligibility_id)
    attempt(
        lambda: actions.approve_eligibility(
            person_id, eligibility_id, by=current_actor(), now=clock.now()
        ),
        _("Approved. The counter knows it from now on."),
    )
    if request.args.get("back") == "list":
        return redirect(url_for("canteen.eligibilities"))
    return _page_of(person_id)


@bp.post("/diners/<int:person_id>/eligibilities/<uuid:eligibility_id>/refusal")
@requires(*MAY_DECIDE)
def refuse_eligibility(person_id: int, eligibility_id: UUID) -> Response:
    """Refuse a proposal, with a reason."""
    visible_eligibility(person_id, eligibility_id)
    reason = ReasonForm().reason.data or ""
    attempt(
        lambda: actions.refuse_eligibility(
            person_id, eligibility_id, reason=reason, by=current_actor(), now=clock.now()
        ),
        _("The proposal is refused."),
    )
    return _page_of(person_id)


@bp.route(
    "/diners/<int:person_id>/eligibilities/<uuid:eligibility_id>/renewal", methods=["GET", "POST"]
)
@requires(*MAY_PROPOSE)
@takes_papers
def renew_eligibility(person_id: int, eligibility_id: UUID) -> Response | str | tuple[str, int]:
    """Let a paper go on: a reviewer renews it, a clerk proposes the renewal."""
    row, paper = visible_diner(person_id), visible_eligibility(person_id, eligibility_id)
    decides = current_actor().has(Role.ADMIN, *MAY_DECIDE)
    form = RenewalForm(data={"until_on": _year_after(paper)})
    if form.validate_on_submit() and saved(form, lambda: _renew(paper, form, decides)):
        flash(
            _("The eligibility is renewed.") if decides
            else _("The renewal is proposed. It counts once a reviewer has approved it."),
            "success",
        )  # fmt: skip
        return _page_of(person_id)
    return _form_page("canteen/renew_eligibility.html", form, row, paper=paper, decides=decides)


def _year_after(paper: Eligibility) -> date | None:
    return date(paper.until_on.year + 1, 12, 31) if paper.until_on else None


def _renew(paper: Eligibility, form: RenewalForm, decides: bool) -> None:
    values: dict[str, Any] = {
        "until_on": form.until_on.data, "evidence": form.evidence.data or "",
        "by": current_actor(), "now": clock.now(),
    }  # fmt: skip
    if decides or paper.until_on is None:
        made = actions.renew_eligibility(paper.person_id, paper.id, **values)
    else:
        follows = paper.until_on + timedelta(days=1)
        made = actions.propose_eligibility(
            paper.person_id, paper.category_id, from_on=follows, **values
        )
    _with_papers(made)


@bp.post("/diners/<int:person_id>/eligibilities/<uuid:eligibility_id>/end")
@requires(*MAY_DECIDE)
def end_eligibility(person_id: int, eligibility_id: UUID) -> Response:
    """End an approved eligibility by decision."""
    visible_eligibility(person_id, eligibility_id)
    form = EndForm()
    if not form.validate_on_submit():
        flash(_("Nothing was changed: give the last day and the reason."), "error")
        return _page_of(person_id)
    last_day = form.on.data
    attempt(
        lambda: actions.end_eligibility(
            person_id, eligibility_id, on=last_day, reason=form.reason.data or "",
            by=current_actor(), now=clock.now(),
        ),
        _("The eligibility ends on %(day)s.", day=show.full_day(last_day)),
    )  # fmt: skip
    return _page_of(person_id)
