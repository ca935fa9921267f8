"""Categories of diners: a table that the office edits."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from canteen import actions
from canteen.forms.categories import CategoryForm
from canteen.models import MealCategory
from canteen.values import GENERAL, Dimension
from canteen.views import bp
from canteen.views.visible import all_categories
from core import clock
from core.access import OFFICE, Role, current_actor, requires
from core.db import db
from core.outcomes import saved


@bp.get("/categories")
@requires(*OFFICE, Role.MANAGER)
def categories() -> str:
    """All categories by dimension."""
    rows = all_categories(active=False)
    groups = [
        (dimension, [row for row in rows if row.dimension is dimension]) for dimension in Dimension
    ]
    return render_template("canteen/categories.html", groups=groups, total=len(rows))


@bp.route("/categories/new", methods=["GET", "POST"])
@requires(Role.CLERK, Role.REVIEWER)
def create_category() -> Response | str | tuple[str, int]:
    """A further category."""
    return _edit(None, CategoryForm())


@bp.route("/categories/<int:category_id>", methods=["GET", "POST"])
@requires(Role.CLERK, Role.REVIEWER)
def category(category_id: int) -> Response | str | tuple[str, int]:
    """Change a category; its code and dimension stay."""
    row = db.session.get(MealCategory, category_id)
    if row is None:
        abort(404)
    form = CategoryForm(obj=row)
    form.code.data, form.dimension.data = row.code, row.dimension  # tariffs and meals name them
    return _edit(row, form)


def _edit(row: MealCategory | None, form: CategoryForm) -> Response | str | tuple[str, int]:
    is_sent = form.is_submitted()
    if form.validate_on_submit() and saved(form, lambda: actions.save_category(
        row.id if row else None, code=form.code.data or "", name=(form.name.data or "").strip(),
        dimension=form.dimension.data, position=form.position.data or 0, age_from=form.age_from.data,
        age_below=form.age_below.data, is_active=bool(form.is_active.data),
        by=current_actor(), now=clock.now(),
    )):  # fmt: skip
        flash(_("Category “%(name)s” is saved.", name=form.name.data), "success")
        return redirect(url_for("canteen.categories"))
    page = render_template("canteen/category.html", form=form, row=row,
                           is_general=row is not None and row.code == GENERAL)  # fmt: skip
    return (page, 422) if is_sent else page
