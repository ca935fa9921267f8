"""The verbs of an import: upload, decide, confirm all or nothing, discard, forget after a day."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from pathlib import PurePath

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.db import db, transaction
from core.errors import RuleError, Text, describe
from core.jobs import sweep
from core.people.import_models import BatchState, ImportBatch
from core.people.imports.areas import Areas
from core.people.imports.batches import Content
from core.people.imports.importer import Importer, importer_named
from core.people.imports.meaning import key_of
from core.people.imports.writing import Outcome, carry_out, prepare
from core.people.roster.cells import clean_text
from core.people.roster.load import Limits
from core.people.roster.read import read_roster

MAX_MEND = 200

describe(
    {
        "import_gone": Text(
            _l(
                "This import was confirmed, discarded or is older than a day. Upload the file again."
            ),
            410,
        ),
        "import_row_unknown": Text(_l("This import has no such row. Nothing was changed."), 404),
    }
)


def limits() -> Limits:
    """What reading one file may take, from the settings."""
    config = current_app.config
    return Limits(
        unpacked_bytes=config["IMPORT_MAX_UNPACKED_MB"] << 20,
        memory_bytes=config["IMPORT_MEMORY_MB"] << 20,
        cpu_s=max(1, int(config["IMPORT_TIMEOUT_S"])),
        timeout_s=float(config["IMPORT_TIMEOUT_S"]),
    )


def read_file(content: bytes, importer: Importer, *, sheet: str = "") -> Content:
    """Read an uploaded file. Raises RuleError (roster_…). Writes nothing."""
    roster = read_roster(
        content, importer.vocabulary(), communities=Areas().names, sheet=sheet, limits=limits()
    )
    return Content(roster)


def start_import(
    content: bytes,
    file_name: str,
    importer_name: str,
    *,
    by: Actor,
    now: datetime,
    site_id: int | None = None,
    default_area_id: int | None = None,
) -> ImportBatch:
    """Keep a roster for its preview. Raises RuleError (roster_…, importer_unknown)."""
    importer = importer_named(importer_name)
    kept = read_file(content, importer)
    kept.default_area_id = default_area_id
    keep_for = timedelta(hours=current_app.config["IMPORT_KEEP_HOURS"])
    packed = kept.pack()
    with transaction() as session:
        forget_expired(session, now)
        batch = ImportBatch(
            importer=importer.name, site_id=site_id, file_name=PurePath(file_name).name[:128],
            content=packed, row_count=len(kept.roster.rows), created_by_id=by.user_id,
            created_at=now, expires_at=now + keep_for,
        )  # fmt: skip
        session.add(batch)
        session.flush()
        audit.record(session, "import.started", subject=f"import:{batch.id}", by=by, now=now,
                     after={"file": batch.file_name, "rows": batch.row_count})  # fmt: skip
    return batch


def open_batch(batch_id: uuid.UUID, now: datetime, *, lock: bool = False) -> ImportBatch:
    """The batch while it is open. Raises RuleError "import_gone"."""
    batch = db.session.get(ImportBatch, batch_id, with_for_update=lock or None)
    if (
        batch is None
        or batch.state != BatchState.OPEN
        or batch.expires_at <= now
        or batch.content is None
    ):
        raise RuleError("import_gone")
    return batch


def decide_rows(
    batch_id: uuid.UUID,
    keys: Collection[str],
    *,
    by: Actor,
    now: datetime,
    mend: Mapping[str, str] | None = None,
    leave_out: str | None = None,
    no_id_reason: str | None = None,
) -> None:
    """Mend cells of rows, leave them out, or take them without an ID number; None leaves a part as it is.

    An empty text takes a decision back. Raises RuleError import_gone, import_row_unknown.
    """
    with transaction():
        batch = open_batch(batch_id, now, lock=True)
        content = Content.unpack(batch.content or b"")
        known = {key_of(raw): raw for raw in content.roster.rows}
        for key in keys:
            if key not in known:
                raise RuleError("import_row_unknown")
            decision = content.decisions.setdefault(key, {})
            if mend is not None:
                cells = {**decision.get("mend", {}), **{k: v[:MAX_MEND] for k, v in mend.items()}}
                decision["mend"] = {k: v for k, v in cells.items() if _differs(known[key], k, v)}
            if leave_out is not None:
                decision["leave_out"] = clean_text(leave_out)[:MAX_MEND]
            if no_id_reason is not None:
                decision["no_id_reason"] = clean_text(no_id_reason)[:128]
            if not any(decision.values()):
                del content.decisions[key]
        _keep(batch, content)


def decide_missing(
    batch_id: uuid.UUID, person_id: int, reason: str, *, by: Actor, now: datetime
) -> None:
    """Stop the enrolment of somebody whom the roster does not name; an empty reason keeps her."""
    with transaction():
        batch = open_batch(batch_id, now, lock=True)
        content = Content.unpack(batch.content or b"")
        content.stops.pop(str(person_id), None)
        if reason.strip():
            content.stops[str(person_id)] = clean_text(reason)[:128]
        _keep(batch, content)


def confirm_import(
    batch_id: uuid.UUID, *, by: Actor, now: datetime, seen: str | None = None
) -> Outcome:
    """Check everything again and write it all, or nothing.

    seen: the digest of the preview somebody looked at. Raises RuleError import_gone,
    import_moved_on, import_rows_wrong, and whatever a verb refuses.
    """
    batch = open_batch(batch_id, now)
    version = batch.version
    ready = prepare(
        Content.unpack(batch.content or b""), importer_named(batch.importer),
        site_id=batch.site_id, file_name=batch.file_name, by=by, now=now, seen=seen,
    )  # fmt: skip
    with transaction() as session:
        batch = open_batch(batch_id, now, lock=True)
        if batch.version != version:
            raise RuleError("import_moved_on")
        outcome = carry_out(session, ready, by=by, now=now)
        batch.state, batch.ended_at, batch.content = BatchState.CONFIRMED, now, None
        batch.result = (
            f"new={outcome.new} changed={outcome.changed} same={outcome.same} "
            f"left_out={outcome.left_out} stopped={outcome.stopped}"
        )
        audit.record(session, "import.confirmed", subject=f"import:{batch.id}", by=by, now=now,
                     after={"file": batch.file_name, **vars(outcome)})  # fmt: skip
    return outcome


def discard_import(batch_id: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """Throw the uploaded roster away."""
    with transaction() as session:
        batch = open_batch(batch_id, now, lock=True)
        batch.state, batch.ended_at, batch.content = BatchState.DISCARDED, now, None
        audit.record(session, "import.discarded", subject=f"import:{batch.id}", by=by, now=now)


def forget_expired(session: Session, now: datetime) -> int:
    """Erase what expired batches held; returns how many."""
    result = session.execute(
        sa.update(ImportBatch)
        .where(ImportBatch.expires_at <= now, ImportBatch.content.is_not(None))
        .values(content=None, state=BatchState.DISCARDED, ended_at=now)
        .returning(ImportBatch.id)
    )
    return len(result.all())


@sweep(every_s=600)
def forget_expired_imports(now: datetime) -> int:
    """Forget expired batches; returns how many."""
    with transaction() as session:
        return forget_expired(session, now)


def _keep(batch: ImportBatch, content: Content) -> None:
    batch.content, batch.version = content.pack(), batch.version + 1


def _differs(raw: object, name: str, value: str) -> bool:
    cells = getattr(raw, "cells", {})
    return value != (cells[name].text if name in cells else "")
