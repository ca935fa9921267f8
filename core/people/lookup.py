"""Search fields post what was typed: a whole number is looked up, and only whom it names goes into an address.

Names and single digits stay in the address of a list, so that filters can be shared; ID numbers, card
codes and telephones never do. What they mean there is `person`, the resident's number.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core.access import current_actor
from core.db import db
from core.people import registry as reads
from core.people.models import Person
from core.people.search import Kind, matching, read_query
from core.privacy import whole_number_in

View = TypeVar("View", bound=Callable[..., Any])
Condition = sa.ColumnElement[bool]
LONGEST_PHONE = 13
NOBODY = 0  # no resident has this number: a list of nobody
_UNSEEN = ("csrf_token", "page")


def number_in(typed: str) -> str | None:
    """The whole number that a search holds: of an ID, a card, a telephone; None for a name or few digits."""
    query = read_query(typed)
    return query.text if query.is_secret else whole_number_in(typed)


def whose(number: str, among: Condition) -> list[int]:
    """The residents whom a whole number means: nobody, one, or two of those who share a telephone."""
    return list(db.session.scalars(
        sa.select(Person.id).where(matching(number), Person.merged_into_id.is_(None), among)
        .order_by(Person.id).limit(2)
    ))  # fmt: skip


def nobody_words(number: str) -> str:
    """What to say when a whole number names nobody."""
    kind = read_query(number).kind
    if kind is Kind.CARD:
        return _("No card in our records has this code.")
    if kind is Kind.PHONE and len(number) <= LONGEST_PHONE:
        return _("Nobody is registered with this phone number.")
    return _("Nobody is registered with this ID number.")


def posts_filters(*, of_people: bool = True) -> Callable[[View], View]:
    """A list whose filters come by POST and stand in the address afterwards. Goes under `@requires`.

    A whole number becomes `?person=`, which the view reads; of_people False: it is left out.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def answer(**args: Any) -> Any:
            if request.method == "POST":
                return to_filtered(str(request.endpoint), of_people=of_people, **args)
            return view(**args)

        return answer  # type: ignore[return-value]

    return mark


def to_filtered(
    endpoint: str, *, among: Condition | None = None, of_people: bool = True, **args: Any
) -> Response:
    """Lead from a posted form to the address of a list that is filtered by it.

    among: whom a whole number may lead to, by default whom the actor may see; of_people False: a
    list that knows no residents, so that whole numbers are only left out. args: those of the path.
    """
    wanted: dict[str, list[str]] = {}
    number = None
    for name, values in request.form.lists():
        typed = [value.strip() for value in values if value.strip()]
        found = [n for n in map(number_in if name == "q" else whole_number_in, typed) if n]
        if found:
            number = found[0]
        elif typed and name not in _UNSEEN and not whole_number_in(name):
            wanted[name] = typed
    if number and of_people:
        ids = whose(number, reads.visible(current_actor()) if among is None else among)
        if len(ids) > 1:
            # Several people share a telephone: its last four digits may stand in an address.
            wanted["q"] = [number[-4:]]
        else:
            wanted["person"] = [str(ids[0] if ids else NOBODY)]
        if not ids:
            flash(nobody_words(number), "warning")
    elif number:
        flash(_("Whole numbers are not kept in an address. Nothing was searched for."), "warning")
    query = urlencode(wanted, doseq=True)
    return redirect(url_for(endpoint, **args) + (f"?{query}" if query else ""))
