"""Takes an uploaded photo without trusting it: first looks, then a child with limits makes it small.

What it is, is told by its content, never by its name. Everything but JPEG and PNG is refused with a
sentence that says what to do.
"""

import math
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from flask_babel import lazy_gettext as _l

from core import limited
from core.errors import RuleError, Text, describe
from core.people.photos import child

MEDIA_TYPE = "image/jpeg"
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
# Brands of the container in which phones keep photos their own way.
_HEIC = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif")
_MEMORY_BYTES = 768 << 20

describe({
    "photo_missing": Text(_l("No photo arrived. Nothing was saved; choose the file again."), 422),
    "photo_file_too_large": Text(_l(
        "This file is larger than %(most)s MB. Nothing was saved; send a smaller photo."), 422),
    "photo_heic": Text(_l(
        "This is a HEIC photo, as phones keep them for themselves. Nothing was saved. Take it again "
        "with the button on this page, or save it as JPEG and send that file."), 422),
    "photo_no_picture": Text(_l(
        "This is neither a JPEG nor a PNG. Nothing was saved; send a photo in one of the two."), 422),
    "photo_damaged": Text(_l(
        "This photo is damaged or was not copied completely. Nothing was saved; take it again."), 422),
    "photo_too_many_pixels": Text(_l(
        "This picture has more than %(most)s million pixels. Nothing was saved; take it again with a "
        "usual setting of the camera."), 422),
    "photo_too_hard": Text(_l(
        "Reading this picture takes too long or too much memory. Nothing was saved; take the photo "
        "again and send that file."), 422),
})  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """What one photo may be, and what is kept of it; the settings PHOTO_… say it for an installation."""

    file_bytes: int
    pixels: int
    side_px: int
    timeout_s: float


def limits() -> Limits:
    """The limits of this installation."""
    config = current_app.config
    return Limits(
        config["PHOTO_MAX_MB"] << 20, config["PHOTO_MAX_MEGAPIXELS"] * 1_000_000,
        config["PHOTO_SIDE_PX"], float(config["PHOTO_TIMEOUT_S"]),
    )  # fmt: skip


def read_photo(content: bytes, most: Limits) -> bytes:
    """The photo as a small JPEG without anything but its pixels. Raises RuleError (photo_…)."""
    _look(content, most)
    ended = limited.run(
        Path(child.__file__), content, most.pixels, most.side_px,
        limits=limited.Limits(_MEMORY_BYTES, max(1, math.ceil(most.timeout_s)), most.timeout_s),
    )  # fmt: skip
    if ended.code == child.TOO_MANY:
        raise RuleError("photo_too_many_pixels", most=most.pixels // 1_000_000)
    if ended.code == child.CANNOT_OPEN:
        raise RuleError("photo_damaged")
    if ended.is_slow or ended.code != 0:
        # Out of memory or out of time: both mean a picture made to be a burden.
        raise RuleError("photo_too_hard")
    return ended.output


def _look(content: bytes, most: Limits) -> None:
    """Refuse by size and first bytes."""
    if not content:
        raise RuleError("photo_missing")
    if len(content) > most.file_bytes:
        raise RuleError("photo_file_too_large", most=most.file_bytes >> 20)
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        raise RuleError("photo_heic")
    if not content.startswith((_JPEG, _PNG)):
        raise RuleError("photo_no_picture")
