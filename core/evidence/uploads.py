"""Files as a browser sends them: how large a request may be, which title each gets, which were refused.

A page of a programme that takes papers along with its own form marks its view with `takes_papers`
and hands the files to `attach_all` once its own rows are written.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from flask import current_app, flash, request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from core.access import Actor
from core.edge import sentence
from core.errors import RuleError
from core.evidence.actions import TITLE_MOST, attach
from core.evidence.subjects import kind_of

View = TypeVar("View", bound=Callable[..., Any])
FIELDS = ("files", "photo")  # chosen from the disk, and taken with the camera
_NAMED_BY_A_CAMERA = re.compile(
    r"(?i)^(img|image|dsc|dscn|pxl|mmexport|wx_camera_|微信图片|screenshot|photo|picture)?[\W_\d]*$"
)


def takes_papers(view: View) -> View:
    """Let this view receive several papers at once: more than any other request may hold."""
    view.takes_papers = True  # type: ignore[attr-defined]
    return view


def allow_papers() -> None:
    """Before the form is read: widen the limit of a request for the views that take papers."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_papers", False):
        request.max_content_length = current_app.config["LARGEST_CONTENT_LENGTH"]


def sent_files() -> list[FileStorage]:
    """The files of this request that somebody chose."""
    return [file for name in FIELDS for file in request.files.getlist(name) if file.filename]


def attach_all(
    subject: str, files: Iterable[FileStorage], *, title: str, by: Actor, now: datetime
) -> int:
    """Attach each file that can be taken and say which could not, and why; returns how many were.

    title: of the paper; several files of one paper are numbered. Without one, a file gives its name.
    """
    kind, key = kind_of(subject)
    chosen = list(files)
    most = current_app.config["EVIDENCE_AT_ONCE"]
    kept, refused = 0, dict[str, list[str]]()
    for number, file in enumerate(chosen[:most], 1):
        shown = title_of(file.filename or "")
        named = f"{title} {number}" if title and len(chosen) > 1 else title or shown
        try:
            attach(subject, file.read(), title=named, person_id=kind.person_of(key), by=by, now=now)
            kept += 1
        except RuleError as error:
            refused.setdefault(sentence(error), []).append(shown[:24])
    if kept:
        flash(_("Papers attached: %(count)s.", count=kept), "success")
    for why, names in refused.items():
        flash(_("Not attached: %(files)s. %(why)s", files=_(", ").join(names), why=why), "error")
    if len(chosen) > most:
        flash(
            _("At most %(most)s files go at once; the other %(rest)s were not attached. Choose them again.",
              most=most, rest=len(chosen) - most),
            "error",
        )  # fmt: skip
    return kept


def title_of(file_name: str) -> str:
    """A title from a file's name: the last part of its path without the ending, nothing invisible.

    A name that only a camera would give becomes 照片.
    """
    last = re.split(r"[/\\]", file_name)[-1]
    stem = last.rpartition(".")[0] if "." in last else last
    plain = "".join(c for c in stem if c.isprintable()).strip(" .")
    if not plain or _NAMED_BY_A_CAMERA.match(plain):
        plain = _("scan") if last.lower().endswith(".pdf") else _("photo")
    return plain[:TITLE_MOST]
