"""Which figures the workshop's report prints, table by table, and from which rows each is counted.

`front` is page one, `training` cohorts to certificates, `work` guidance to follow-ups, `notes` what
the words mean.
"""

from workshop.reports.tables import front, notes, training, work
from workshop.reports.tables.wanted import Wanted

__all__ = ["Wanted", "front", "notes", "training", "work"]
