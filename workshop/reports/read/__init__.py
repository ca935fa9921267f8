"""The rows that the workshop's report is counted from, read with Core: a constant number of queries.

`classes` reads cohorts, sessions and marks, `attendance` makes datasets of them; `places` reads
enrolments, `certificates` certificates; `work` guidance, businesses, jobs and follow-ups, `rates` who
is in a rate; `women` whom it is all about.
"""
