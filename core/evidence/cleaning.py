"""Looks at an uploaded file without trusting it, and gives what is kept of it.

The kind is told by the first bytes, never by the name. Pictures are drawn anew, PDFs stay as they
are, because a signature in them would break. Everything else is refused with what to do.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from flask_babel import lazy_gettext as _l

from core import limited
from core.errors import RuleError, Text, describe
from core.evidence import child

_MAGIC = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"%PDF-": "PDF"}
_HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
_CPU_S = 15

describe({
    "evidence_empty": Text(_l("The file is empty. Nothing was attached; choose it again."), 422),
    "evidence_too_large": Text(
        _l("The file is larger than %(most)s MB. Nothing was attached. Photograph the paper again with a "
           "smaller picture size, or scan it with 200 dpi."), 413),
    "evidence_heic": Text(
        _l("This photo is in the iPhone's own format (HEIC), which most computers cannot open. Nothing was "
           "attached. Under Settings → Camera → Formats choose “Most Compatible” and photograph again, or "
           "attach a screenshot of the photo."), 422),
    "evidence_ofd": Text(
        _l("This is an OFD file. Nothing was attached. Open it in its reader, choose “Export as PDF”, and "
           "attach that."), 422),
    "evidence_wrong_type": Text(
        _l("This is neither a photo (JPEG, PNG) nor a PDF, whatever its name says. Nothing was attached. "
           "Photograph the paper, or print the document to a PDF."), 422),
    "evidence_damaged": Text(
        _l("This file is damaged or was not copied completely. Nothing was attached. Photograph or scan the "
           "paper again."), 422),
    "evidence_locked": Text(
        _l("This PDF is locked with a password. Nothing was attached. Open it, print it to a new PDF, and "
           "attach that, or photograph the paper."), 422),
    "evidence_active": Text(
        _l("This PDF holds a program, a form that sends, or another file. Nothing was attached. Open it, "
           "print it to a new PDF, and attach that, or photograph the paper."), 422),
    "evidence_too_much": Text(
        _l("This has too many pages or pixels for one paper. Nothing was attached. Attach the pages that "
           "matter."), 422),
    "evidence_too_slow": Text(
        _l("Reading this file takes too long. Nothing was attached. Photograph or scan the paper again."), 422),
})  # fmt: skip

_CODES = {
    child.ENCRYPTED: "evidence_locked", child.ACTIVE: "evidence_active",
    child.TOO_MANY: "evidence_too_much",
}  # fmt: skip


@dataclass(frozen=True)
class Cleaned:
    """What is kept of a file."""

    content: bytes
    media_type: str
    pages: int


def clean(content: bytes) -> Cleaned:
    """What is kept of an uploaded file. Raises RuleError (evidence_…) for what is not taken."""
    kind = _kind(content)
    limits = limited.Limits(
        current_app.config["EVIDENCE_MEMORY_MB"] << 20, _CPU_S, current_app.config["EVIDENCE_TIMEOUT_S"]
    )  # fmt: skip
    done = limited.run(Path(child.__file__), content, kind, limits=limits)
    if done.is_slow:
        raise RuleError("evidence_too_slow")
    if done.code != 0:
        raise RuleError(_CODES.get(done.code, "evidence_damaged"))
    head, _, drawn = done.output.partition(b"\n")
    answer = json.loads(head)
    return Cleaned(drawn or content, answer["media_type"], answer["pages"])


def _kind(content: bytes) -> str:
    """JPEG, PNG or PDF by the first bytes; a RuleError that says what it is otherwise."""
    if not content:
        raise RuleError("evidence_empty")
    most = current_app.config["EVIDENCE_MAX_MB"]
    if len(content) > most << 20:
        raise RuleError("evidence_too_large", most=most)
    for start, kind in _MAGIC.items():
        if content.startswith(start):
            return kind
    if content[4:8] == b"ftyp" and any(brand in content[8:64] for brand in _HEIF):
        raise RuleError("evidence_heic")
    if content.startswith(b"PK") and b"OFD.xml" in content:
        raise RuleError("evidence_ofd")
    raise RuleError("evidence_wrong_type")
