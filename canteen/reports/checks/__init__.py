"""What must be looked at before the canteen's report is issued.

Each check is a function from the ground (`ground.py`) to a finding, or to None where there is
nothing to say. Figures that must agree with each other are the report's identities and belong to the
house; here are the rows themselves. A constant number of queries, however many rows.
"""

from datetime import datetime

from canteen.reports.checks import books, counters, people
from canteen.reports.checks.ground import Ground
from core.reports.values import Built, Finding

# Those that stop the issue, then the dead, then the rest as the office would ask about them. What
# happened from day to day is explained once, in the report of its month.
ALWAYS = (books.meals_and_events, books.without_price, books.adjustments, books.months_not_issued)
OF_A_MONTH = (
    people.deceased, people.away, books.open_matters, people.to_be_reviewed, people.without_evidence,
    people.without_id, people.doubles, counters.two_places, counters.bursts, counters.by_hand,
    counters.collected, counters.outside_mealtime,
)  # fmt: skip


def check(built: Built, now: datetime) -> tuple[Finding, ...]:
    """All findings of a counted report, those that stop the issue first."""
    ground = Ground(built)
    checks = (*ALWAYS, *OF_A_MONTH) if built.period.is_month else ALWAYS
    found = [finding for each in checks if (finding := each(ground)) is not None]
    return tuple(sorted(found, key=lambda finding: not finding.stops))
