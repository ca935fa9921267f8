"""Why something was done, as it is kept with what was done."""

from core.errors import RuleError


def needs_reason(reason: str | None) -> str:
    """The reason without blanks around it, at most 128 characters. Raises RuleError reason_needed."""
    if not (reason or "").strip():
        raise RuleError("reason_needed")
    return (reason or "").strip()[:128]
