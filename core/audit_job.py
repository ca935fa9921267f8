"""Verifying the whole log as a job: it takes as long as the log is long."""

from flask import current_app
from flask_babel import lazy_gettext as _l

from core import audit, clock
from core.db import transaction
from core.errors import Text, describe
from core.jobs import Note, Run, task

JOB = "audit.verification"

# A status of 200 is good news, one of 500 the opposite.
describe({
    "audit_holds": Text(_l("The log holds: %(count)s records in an unbroken chain."), 200),
    "audit_link_missing": Text(_l(
        "The log does not hold: link %(missing)s is missing before %(record)s. Do not change anything; "
        "keep a copy of the database and call the administrator."), 500),
    "audit_record_gone": Text(_l(
        "The log does not hold: %(record)s (link %(link)s) is gone. Do not change anything; "
        "keep a copy of the database and call the administrator."), 500),
    "audit_record_changed": Text(_l(
        "The log does not hold: %(record)s (link %(link)s) was changed afterwards. Do not change anything; "
        "keep a copy of the database and call the administrator."), 500),
    "audit_chain_changed": Text(_l(
        "The log does not hold: the chain itself was changed at %(record)s (link %(link)s). Do not change "
        "anything; keep a copy of the database and call the administrator."), 500),
    "audit_head_differs": Text(_l(
        "The log does not hold: %(record)s (link %(link)s) differs from what was noted outside the database. "
        "Do not change anything; keep a copy of the database and call the administrator."), 500),
    "audit_tail_cut": Text(_l(
        "The log does not hold: it ends at link %(link)s, but link %(noted)s was noted outside the database, "
        "so its end was cut off. Do not change anything; keep a copy of the database and call the "
        "administrator."), 500),
    "audit_values_changed": Text(_l(
        "The log does not hold: the values before and after of %(record)s were changed. Do not change "
        "anything; keep a copy of the database and call the administrator."), 500),
    "audit_content_changed": Text(_l(
        "The log does not hold: the content of %(record)s was changed after it was issued. Do not change "
        "anything; keep a copy of the database and call the administrator."), 500),
})  # fmt: skip


@task(JOB, title=_l("Verify the log"), page="audit.index")
def verify_log(run: Run) -> Note:
    """Seal what still waits, recompute the whole chain, and say whether it holds."""
    now, head_file = clock.now(), audit.head_file_of(current_app.instance_path)
    audit.seal(now, head_file)
    verdict = audit.verify(head_file, run.progress)
    with transaction() as session:
        audit.record(session, "audit.verified", subject="audit", by=run.by, now=now,
                     after={"checked": verdict.checked, "head": verdict.head[:16], "fault": verdict.fault})  # fmt: skip
    if verdict.code is None:
        return Note("audit_holds", {"count": verdict.checked})
    return Note(f"audit_{verdict.code}", verdict.details)
