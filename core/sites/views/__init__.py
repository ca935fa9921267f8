"""Pages of sites, areas and holidays, under /office."""

from flask import Blueprint
from flask_babel import lazy_gettext as _l

from core.errors import Text, describe

bp = Blueprint("sites", __name__, url_prefix="/office")

describe({
    "site_slug_taken": Text(_l("The short name “%(slug)s” belongs to another site. Choose another one."), 422),
    "site_name_taken": Text(_l("There is already a site “%(name)s”. Choose another name."), 422),
    "area_parent": Text(_l("Communities belong to a subdistrict, grids to a community. Choose again."), 422),
    "area_name_taken": Text(_l("“%(name)s” is there already. Choose another name."), 422),
    "area_outside_exists": Text(_l("There is already an area for people from outside. One is enough."), 422),
    "area_full": Text(_l("No number is left here. Rename an area that is no longer used."), 422),
    "area_has_parts": Text(_l("Parts of this area are still in use. End them first. Nothing was changed.")),
    "area_parent_ended": Text(_l("What this area belongs to is no longer in use. Open that first.")),
    "day_taken": Text(_l("This day is in the calendar already. Change the entry that is there."), 422),
})  # fmt: skip

from core.sites.views import areas, holidays, places  # noqa: E402, F401  each adds its routes to bp
