"""Labels of coded values for the datasets of the report."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _


def word(mapping: Mapping[Any, Any]) -> dict[str, str]:
    """The labels of an enumeration by its values."""
    return {key.value: str(label) for key, label in mapping.items()}


def yes_no() -> dict[str, str]:
    return {"0": _("no"), "1": _("yes")}
