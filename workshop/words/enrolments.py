"""Why a place does not count for subsidy: the words of the codes that the rules store."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

NOT_SUBSIDISED: Mapping[str, Any] = {
    "cohort": _l("the class itself is not subsidised"),
    "retired": _l("over the retirement age when the class begins"),
    "taught_before": _l("subsidised for the same skill and level before"),
}


def subsidy_reason(stored: str | None) -> Any:
    """In words; what the office wrote itself stays as written."""
    return NOT_SUBSIDISED.get(stored or "", stored or "")
