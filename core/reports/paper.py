"""What a report's paper says besides its figures: who stands for it, and how it is verified."""

from dataclasses import dataclass
from datetime import datetime

from core.reports.values import Output, Unit
from core.reports.words import number


@dataclass(frozen=True)
class Paper:
    """One paper of a report. What is not known yet, because it is a preview, is None or empty.

    digest: SHA-256 (hex) of all figures and rows; a file cannot name its own. code: what is typed on
    the page of verification; verify_url: the same as an address, when there is a public one.
    full_ids: whether 报送版 shows whole ID numbers, which a second person granted for a reason.
    """

    output: Output
    revision: int = 1
    is_preview: bool = True
    issued_at: datetime | None = None
    issued_by: str = ""
    reviewed_by: str = ""
    receiver: str = ""
    summary: str = ""
    cases: str = ""
    full_ids: bool = False
    full_ids_reason: str = ""
    explanations: tuple[tuple[str, str], ...] = ()
    code: str = ""
    verify_url: str = ""
    digest: str = ""
    audit_head: str = ""
    phone: str = ""
    complaint_phone: str = ""


def printed(value: int, unit: Unit) -> str:
    """A figure as ink: 2,225, or 8,550.60 of an amount in fen, with a minus sign as wide as a digit."""
    return number(value, unit).replace("-", "−")
