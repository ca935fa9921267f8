"""Pages of an import: upload, preview, mend, confirm."""

import uuid
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import Response as FlaskResponse
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from core import clock
from core.access import Role, current_actor, requires
from core.db import db
from core.edge import sentence
from core.errors import RuleError
from core.forms import blame
from core.people.forms import ConfirmForm, UploadForm
from core.people.import_models import BatchState, ImportBatch
from core.people.imports import actions
from core.people.imports.batches import plan_of
from core.people.imports.importer import importer_named, importers
from core.people.imports.plan import Plan, PlanRow, State
from core.people.imports.template import template_xlsx
from core.people.imports.words import SKIPPED, field_name, sentence_of
from core.people.views import bp
from core.people.views.registry import active_areas
from core.show import Page
from core.sites.models import Site

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Listed = TypeVar("Listed")
# A wrong row brings its fields along: twenty of them and twenty missing people are a page of 100 KB.
ROWS_A_PAGE = 20
# Wrong rows first: they are what somebody has come for.
ORDER = (State.WRONG, State.CHANGED, State.NEW, State.SAME, State.LEFT_OUT)


def _upload_form() -> UploadForm:
    known = [SelectChoice(one.name, one.label) for one in importers().values()]
    sites = db.session.scalars(sa.select(Site).where(Site.is_active).order_by(Site.id))
    kinds = {one.site_kind for one in importers().values()}
    return UploadForm(known, [s for s in sites if s.kind in kinds], active_areas())


@bp.route("/import", methods=["GET", "POST"])
@requires(Role.CLERK)
def start_import() -> Response | str | tuple[str, int]:
    """Choose a file; the open imports of the last day below."""
    form = _upload_form()
    if not form.validate_on_submit():
        return _upload_page(form), 422 if form.is_submitted() else 200
    file = form.file.data
    if not file:
        form.file.errors = [_("Choose the file first.")]
        return _upload_page(form), 422
    try:
        batch = actions.start_import(
            file.read(), file.filename or "", form.importer.data, site_id=form.site.data,
            default_area_id=form.area.data, by=current_actor(), now=clock.now(),
        )  # fmt: skip
    except RuleError as error:
        blame(form, error, {"importer_unknown": "importer"}, "file")
        return _upload_page(form), 422
    return redirect(url_for("people.show_import", batch_id=batch.id))


def _upload_page(form: UploadForm) -> str:
    batches = db.session.scalars(
        sa.select(ImportBatch)
        .where(ImportBatch.state == BatchState.OPEN, ImportBatch.expires_at > clock.now())
        .order_by(ImportBatch.created_at.desc())
        .limit(20)
    ).all()
    return render_template(
        "people/import.html", form=form, batches=batches,
        labels={name: one.label for name, one in importers().items()},
        templates=[(one.name, one.label) for one in importers().values() if one.columns],
    )  # fmt: skip


@bp.get("/import/template.xlsx")
@requires(Role.CLERK)
def import_template() -> FlaskResponse:
    """The columns we know, with an example; `?as=` names the import."""
    importer = importers().get(request.args.get("as", ""))
    response = FlaskResponse(template_xlsx(importer.columns if importer else ()), mimetype=XLSX)
    name = "%E8%8A%B1%E5%90%8D%E5%86%8C%E6%A8%A1%E6%9D%BF.xlsx"  # 花名册模板.xlsx
    response.headers["Content-Disposition"] = (
        f"attachment; filename=roster.xlsx; filename*=UTF-8''{name}"
    )
    return response


@bp.get("/import/<uuid:batch_id>")
@requires(Role.CLERK)
def show_import(batch_id: uuid.UUID) -> str:
    """The preview: what would happen, row by row."""
    return _preview(batch_id)


def _preview(batch_id: uuid.UUID, problem: str | None = None) -> str:
    now = clock.now()
    batch = actions.open_batch(batch_id, now)
    plan = plan_of(batch, clock.service_day(now))
    chosen = request.args.get("state", "")
    rows = [r for r in plan.rows if _is_chosen(r, chosen)]
    rows.sort(key=lambda r: ORDER.index(r.state))
    return render_template(
        "people/import_preview.html", batch=batch, plan=plan, states=State, page=_page_of(rows),
        missing=_page_of(list(plan.missing), "missing"), chosen=chosen, problem=problem,
        sentence_of=sentence_of, field_name=field_name,
        mend_fields=mend_fields, skipped_words=SKIPPED, confirm=ConfirmForm(seen=plan.digest),
        site=db.session.get(Site, batch.site_id) if batch.site_id else None,
        label=importer_named(batch.importer).label, lacking=_lacking(plan),
    )  # fmt: skip


def _is_chosen(row: PlanRow, chosen: str) -> bool:
    if chosen == "warning":
        return bool(row.warnings) and row.state is not State.LEFT_OUT
    return not chosen or row.state == chosen


def _page_of(rows: list[Listed], name: str = "page") -> Page[Listed]:
    """The page that this argument of the address names; the preview has two lists."""
    pages = max(1, -(-len(rows) // ROWS_A_PAGE))
    number = min(max(1, request.args.get(name, 1, type=int)), pages)
    args = {key: value for key, value in request.args.items() if key != name}
    return Page(
        rows[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE], len(rows), number, pages, args
    )


def mend_fields(row: PlanRow) -> list[tuple[str, str, str]]:
    """The cells of a wrong row that can be mended: (field, text as it stands, proposal)."""
    fields: dict[str, str] = {}
    for finding in row.wrong:
        for name in _cells_of(finding.field, row):
            fields.setdefault(name, finding.proposal or "")
    cells = row.raw.cells
    return [(n, cells[n].text if n in cells else "", proposal) for n, proposal in fields.items()]


def _cells_of(name: str, row: PlanRow) -> list[str]:
    if name in ("community", "grid"):
        return ["community", "grid"]
    if name == "name" and any(f.code in ("name_differs", "person_twice") for f in row.wrong):
        return ["name", "id_number"]
    return [name] if name else []


def _lacking(plan: Plan) -> list[PlanRow]:
    return [row for row in plan.rows if row.lacks_id]


@bp.post("/import/<uuid:batch_id>/rows")
@requires(Role.CLERK)
def decide_row(batch_id: uuid.UUID) -> Response | tuple[str, int]:
    """Mend a row, leave it out, take it without an ID number, or take the decision back."""
    form = request.form
    verb, key, reason = form.get("verb", ""), form.get("key", ""), form.get("reason", "")
    decision: dict[str, Any]
    match verb:
        case "mend":
            mend = {n.removeprefix("mend-"): v for n, v in form.items() if n.startswith("mend-")}
            decision = {"mend": mend}
        case "leave_out":
            decision = {"leave_out": reason.strip() or _("left out")}
        case "take_back":
            decision = {"leave_out": "", "no_id_reason": ""}
        case "no_id" if reason.strip():
            decision = {"no_id_reason": reason}
        case "no_id":
            return _preview(batch_id, _("Say why there is no ID number. Nothing was changed.")), 422
        case _:
            abort(400)
    actions.decide_rows(batch_id, [key], by=current_actor(), now=clock.now(), **decision)
    return _back(batch_id)


@bp.post("/import/<uuid:batch_id>/without-id")
@requires(Role.CLERK)
def take_without_id(batch_id: uuid.UUID) -> Response | tuple[str, int]:
    """One reason for all rows of which only the ID number is wrong."""
    now, reason = clock.now(), request.form.get("reason", "")
    if not reason.strip():
        return _preview(batch_id, _("Say why there is no ID number. Nothing was changed.")), 422
    batch = actions.open_batch(batch_id, now)
    keys = [row.key for row in _lacking(plan_of(batch, clock.service_day(now)))]
    actions.decide_rows(batch_id, keys, no_id_reason=reason, by=current_actor(), now=now)
    return _back(batch_id)


@bp.post("/import/<uuid:batch_id>/missing/<int:person_id>")
@requires(Role.CLERK)
def decide_missing(batch_id: uuid.UUID, person_id: int) -> Response:
    """Keep somebody whom the roster does not name, or stop her enrolment with a reason."""
    reason = request.form.get("reason", "")
    actions.decide_missing(batch_id, person_id, reason, by=current_actor(), now=clock.now())
    return _back(batch_id, "missing")


def _back(batch_id: uuid.UUID, anchor: str | None = None) -> Response:
    """To the same page of both lists."""
    kept = {name: request.form.get(name, "") for name in ("state", "page", "missing")}
    args: dict[str, Any] = {name: value for name, value in kept.items() if value}
    return redirect(url_for("people.show_import", batch_id=batch_id, _anchor=anchor, **args))


@bp.post("/import/<uuid:batch_id>/confirmation")
@requires(Role.CLERK)
def confirm_import(batch_id: uuid.UUID) -> Response | tuple[str, int]:
    """Check again and write it all, or nothing."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        abort(400)
    try:
        done = actions.confirm_import(
            batch_id, seen=form.seen.data, by=current_actor(), now=clock.now()
        )
    except RuleError as error:
        if error.code not in ("import_rows_wrong", "import_moved_on"):
            raise
        return _preview(batch_id, sentence(error)), 422
    flash(
        _(
            "Imported: %(new)s new, %(changed)s changed, %(same)s as before, %(left_out)s left out, "
            "%(stopped)s stopped.",
            **vars(done),
        ),
        "success",
    )
    return redirect(
        url_for("people.index", without="card") if done.new else url_for("people.index")
    )


@bp.post("/import/<uuid:batch_id>/discard")
@requires(Role.CLERK)
def discard_import(batch_id: uuid.UUID) -> Response:
    """Throw the uploaded roster away."""
    actions.discard_import(batch_id, by=current_actor(), now=clock.now())
    flash(_("The uploaded roster is erased. Nothing was imported."), "success")
    return redirect(url_for("people.start_import"))
