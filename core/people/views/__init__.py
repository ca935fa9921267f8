"""Pages of people: the registry, one person, imports."""

from flask import Blueprint

bp = Blueprint("people", __name__, url_prefix="/people")

# Each module below hangs its views on the blueprint.
from core.people.views import consents, imports, persons, photos, registry  # noqa: E402

__all__ = ["bp", "consents", "imports", "persons", "photos", "registry"]
