"""The photo of a person: put, replaced, removed. What is kept is made small before anything is locked."""

import hashlib
from datetime import datetime

from flask_babel import lazy_gettext as _l

from core import audit
from core.access import Actor
from core.db import transaction
from core.errors import RuleError, Text, describe
from core.people.actions.persons import living_record
from core.people.models import PersonPhoto
from core.people.photos.read import MEDIA_TYPE, limits, read_photo

describe({
    "photo_none": Text(_l("There is no photo any more. Nothing was changed.")),
})  # fmt: skip


def put_photo(person_id: int, upload: bytes, *, by: Actor, now: datetime) -> PersonPhoto:
    """Keep a photo, small and clean; an older one is replaced and gone.

    upload: a JPEG or PNG as it came. Raises RuleError photo_…, person_is_merged.
    """
    content = read_photo(upload, limits())
    with transaction() as session:
        living_record(session, person_id)
        photo = session.get(PersonPhoto, person_id)
        before = None if photo is None else {"photo": _name(photo.content)}
        if photo is None:
            photo = PersonPhoto(person_id=person_id)
            session.add(photo)
        photo.content, photo.media_type = content, MEDIA_TYPE
        verb = "photo_replaced" if before else "photo_added"
        audit.record(session, f"person.{verb}", subject=f"person:{person_id}", person_id=person_id,
                     by=by, now=now, before=before, after={"photo": _name(content)})  # fmt: skip
        return photo


def remove_photo(person_id: int, *, by: Actor, now: datetime) -> None:
    """Erase the photo. Raises RuleError photo_none."""
    with transaction() as session:
        photo = session.get(PersonPhoto, person_id)
        if photo is None:
            raise RuleError("photo_none")
        before = {"photo": _name(photo.content)}
        session.delete(photo)
        audit.record(session, "person.photo_removed", subject=f"person:{person_id}",
                     person_id=person_id, by=by, now=now, before=before)  # fmt: skip


def _name(content: bytes) -> str:
    """By which the log names a photo without showing it."""
    return hashlib.sha256(content).hexdigest()[:16]
