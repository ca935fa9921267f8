"""What must be looked at before the workshop's report is issued.

Each check is a function from the ground (`ground.py`) to a finding, or to None where there is
nothing to say. A constant number of queries, however many rows.
"""

from datetime import datetime

from core.reports.values import Built, Finding
from workshop.reports.checks import books, classes, marks, people, work
from workshop.reports.checks.ground import Ground

# Those that stop the issue, then what audits find first: who was paid for, and whether she was there.
ALWAYS = (books.marks_differ, books.jobs_differ, books.months_not_issued)
OF_A_MONTH = (
    classes.learner_twice, classes.room_twice, classes.trainer_twice, people.retired, people.twice_subsidised,
    people.without_id, people.doubles, work.at_work_elsewhere, classes.unmarked, classes.without_sheet,
    marks.late_bulk, marks.one_phone, work.without_evidence, work.before_registered,
    people.undecided, work.overdue,
)  # fmt: skip


def check(built: Built, now: datetime) -> tuple[Finding, ...]:
    """All findings of a counted report, those that stop the issue first."""
    ground = Ground(built)
    checks = (*ALWAYS, *OF_A_MONTH) if built.period.is_month else ALWAYS
    found = [finding for each in checks if (finding := each(ground)) is not None]
    return tuple(sorted(found, key=lambda finding: not finding.stops))
