"""Work that takes longer than a request may: the queue, its worker, and what is done at intervals.

The `Job` row in the app's database is the truth; the queue (huey) only wakes a worker, and a sweep
every 15 s wakes it again for whatever was forgotten. So a lost queue loses nothing.

    @task("cards.sheets", title=_l("Sheets of cards"))
    def print_sheets(run: Run, person_ids: list[int]) -> File: ...

    job = enqueue("cards.sheets", by=actor, now=now, person_ids=[1, 2])
"""

from core.jobs.models import Job, JobState
from core.jobs.sweeps import sweep
from core.jobs.tasks import Cancelled, File, Note, Run, cancel, enqueue, run_job, task, work_off

__all__ = [
    "Cancelled",
    "File",
    "Job",
    "JobState",
    "Note",
    "Run",
    "cancel",
    "enqueue",
    "run_job",
    "sweep",
    "task",
    "work_off",
]
