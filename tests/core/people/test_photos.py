"""Photos of residents: small, clean, seen only by who sees the person; bombs and non-photos refused."""

import base64
import io
import re
import struct
import time
import zlib

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from canteen.actions import enrol_diner
from core import clock
from core.access import SYSTEM, Role
from core.audit import AuditEntry, values_of
from core.db import db
from core.errors import RuleError, text_of
from core.people.actions import add_person, merge_person, put_photo, remove_photo
from core.people.models import PersonPhoto
from core.people.photos.read import Limits, read_photo
from core.people.values import Details
from tests.conftest import NOON, SignIn, both_engines, csrf_of
from tests.core.people.conftest import build_street

# Ample time: what is asked here is what becomes of a photo, not how busy the machine is.
LIMITS = Limits(file_bytes=8 << 20, pixels=64_000_000, side_px=480, timeout_s=60)
PLACE = b"N\0\0\0"


def face(size: tuple[int, int] = (1200, 1600), color: str = "tan") -> Image.Image:
    """Something with a top and a bottom."""
    picture = Image.new("RGB", size, color)
    picture.paste("navy", (0, 0, size[0], size[1] // 4))
    return picture


def jpeg(picture: Image.Image | None = None, **more) -> bytes:
    written = io.BytesIO()
    (picture or face()).save(written, "JPEG", **more)
    return written.getvalue()


def png(picture: Image.Image | None = None) -> bytes:
    written = io.BytesIO()
    (picture or face()).save(written, "PNG")
    return written.getvalue()


def with_place_and_device() -> bytes:
    """As a phone writes it: held upright, with GPS, maker and a comment."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010F] = "CanaryPhone"
    exif.get_ifd(0x8825)[2] = (36.6, 37.1, 12.5)
    exif.get_ifd(0x8825)[1] = "N"
    return jpeg(face((1600, 1200)), exif=exif, comment=b"taken at canary road")


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def test_a_photo_is_made_small_and_loses_place_device_and_comment():
    raw = with_place_and_device()
    assert b"CanaryPhone" in raw
    kept = read_photo(raw, LIMITS)
    picture = opened(kept)
    assert picture.format == "JPEG" and max(picture.size) == 480
    assert (
        dict(picture.getexif()) == {}
        and "comment" not in picture.info
        and "exif" not in picture.info
    )
    assert b"Canary" not in kept and b"canary" not in kept and b"Exif" not in kept
    assert len(kept) < 40_000


def test_a_photo_taken_sideways_stands_upright():
    turned = opened(read_photo(with_place_and_device(), LIMITS))
    assert turned.size == (360, 480)
    red, _green, blue = turned.getpixel((350, 240))[:3]
    assert blue > red  # the blue edge, on top as it was held, is now on the right


@pytest.mark.parametrize(
    ("mode", "color"),
    [("RGB", "tan"), ("L", 200), ("RGBA", (0, 0, 0, 0)), ("P", 3), ("1", 1), ("LA", (10, 0)), ("I;16", 40_000)],
)  # fmt: skip
def test_pngs_of_every_kind_become_a_jpeg_on_white(mode, color):
    picture = opened(read_photo(png(Image.new(mode, (900, 300), color)), LIMITS))
    assert (picture.mode, picture.size) == ("RGB", (480, 160))
    if mode in ("RGBA", "LA"):
        assert min(picture.getpixel((240, 80))) > 250


def test_a_small_photo_is_not_blown_up():
    assert opened(read_photo(jpeg(face((90, 120))), LIMITS)).size == (90, 120)


def test_what_it_is_is_told_by_its_content(app: Flask, sign_in: SignIn):
    with app.app_context():
        person_id = add_person(Details("王秀华", no_id_reason="遗失"), by=SYSTEM, now=NOON).id
    client = sign_in(Role.CLERK)
    answer = send(client, person_id, jpeg(), "照片.txt")
    assert answer.status_code == 302
    answer = send(client, person_id, b"<svg xmlns='http://www.w3.org/2000/svg'/>", "face.jpg")
    assert answer.status_code == 422


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width: int, height: int, packed: bytes, *more: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def scans_bomb() -> bytes:
    """400 KB that make a decoder walk over 64 million pixels fifteen hundred times."""
    whole = jpeg(Image.new("L", (8000, 8000), 128), progressive=True, quality=50)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * 1500 + b"\xff\xd9"


HOSTILE = {
    "nothing": (b"", "photo_missing"),
    "text": ("不是照片".encode(), "photo_no_picture"),
    "svg": (b"<svg/>", "photo_no_picture"),
    "gif": (b"GIF89a" + bytes(20), "photo_no_picture"),
    "webp": (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "photo_no_picture"),
    "pdf": (b"%PDF-1.7", "photo_no_picture"),
    "heic": (b"\x00\x00\x00\x18ftypheic" + bytes(20), "photo_heic"),
    "too large a file": (b"\xff\xd8\xff" + bytes(8 << 20), "photo_file_too_large"),
    "cut off": (jpeg()[:5000], "photo_damaged"),
    "a head alone": (b"\xff\xd8\xff\xe0", "photo_damaged"),
    "rubbish behind the head": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "photo_damaged"),
    "ten thousand million pixels": (
        png_of(100_000, 100_000, zlib.compress(bytes(1000))), "photo_too_many_pixels"),
    "65 million pixels": (png_of(65_000, 1_001, zlib.compress(bytes(1 << 20))), "photo_too_many_pixels"),
    "a text chunk that unpacks to 1 GB": (
        png_of(8, 8, zlib.compress(bytes(200)), chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1 << 28), 9))),
        "photo_damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_photo_is_refused_with_a_sentence_and_at_once(name):
    content, code = HOSTILE[name]
    started = time.monotonic()
    with pytest.raises(RuleError) as refused:
        read_photo(content, LIMITS)
    assert refused.value.code == code
    assert text_of(refused.value) is not None
    assert time.monotonic() - started < 2


def test_a_jpeg_of_endless_scans_is_stopped_after_two_seconds_and_nothing_is_saved(in_app, clerk):
    person_id = add_person(Details("王秀华", no_id_reason="遗失"), by=clerk, now=NOON).id
    bomb, entries = scans_bomb(), count(AuditEntry)
    assert len(bomb) < 500_000
    started = time.monotonic()
    with pytest.raises(RuleError, match="photo_too_hard"):
        put_photo(person_id, bomb, by=clerk, now=NOON)
    assert time.monotonic() - started < 3
    assert (count(PersonPhoto), count(AuditEntry)) == (0, entries)


def count(model) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


@both_engines
def test_a_photo_is_kept_encrypted_replaced_and_erased_and_each_is_logged(in_app, clerk):
    person_id = add_person(Details("王秀华", no_id_reason="遗失"), by=clerk, now=NOON).id
    in_app.config["PHOTO_TIMEOUT_S"] = 60
    put_photo(person_id, jpeg(), by=clerk, now=NOON)
    stored = bytes(db.session.execute(sa.text("SELECT content FROM person_photo")).scalar_one())
    assert not stored.startswith(b"\xff\xd8")
    put_photo(person_id, jpeg(face(color="olive")), by=clerk, now=NOON)
    assert count(PersonPhoto) == 1
    remove_photo(person_id, by=clerk, now=NOON)
    assert count(PersonPhoto) == 0
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action.startswith("person.photo"))
    ).all()
    by_verb = {entry.action: values_of([entry])[entry.id] for entry in entries}
    assert set(by_verb) == {"person.photo_added", "person.photo_replaced", "person.photo_removed"}
    first, second = (
        by_verb["person.photo_replaced"][side]["photo"] for side in ("before", "after")
    )
    assert by_verb["person.photo_added"]["after"] == {"photo": first} != {"photo": second}
    with pytest.raises(RuleError, match="photo_none"):
        remove_photo(person_id, by=clerk, now=NOON)


@both_engines
def test_merging_takes_a_photo_along_where_the_other_record_has_none(in_app, clerk):
    in_app.config["PHOTO_TIMEOUT_S"] = 60
    old, new, third = (
        add_person(Details("王秀华", no_id_reason="遗失"), by=clerk, now=NOON).id for _ in range(3)
    )
    put_photo(old, jpeg(), by=clerk, now=NOON)
    merge_person(old, new, reason="登记两次", by=clerk, now=NOON)
    assert db.session.scalars(sa.select(PersonPhoto.person_id)).all() == [new]
    put_photo(third, jpeg(), by=clerk, now=NOON)
    merge_person(third, new, reason="登记两次", by=clerk, now=NOON)
    assert set(db.session.scalars(sa.select(PersonPhoto.person_id))) == {new, third}


# ---- pages


def send(client, person_id: int, content: bytes, name: str = "photo.jpg", field: str = "file"):
    client.application.config["PHOTO_TIMEOUT_S"] = 60
    data = {"csrf_token": csrf_of(client), field: (io.BytesIO(content), name)}
    return client.post(f"/people/{person_id}/photo", data=data, content_type="multipart/form-data")


def shown(page: str) -> bytes | None:
    """The photo on a page."""
    found = re.search(r'src="data:image/jpeg;base64,([^"]+)"', page)
    return base64.b64decode(found[1]) if found else None


@both_engines
def test_a_photo_goes_from_the_page_to_the_page_and_away_again(
    app: Flask, noon, sign_in: SignIn
) -> None:
    with app.app_context():
        person_id = add_person(Details("王秀华", no_id_reason="遗失"), by=SYSTEM, now=NOON).id
    client = sign_in(Role.CLERK)
    page = client.get(f"/people/{person_id}").text
    assert shown(page) is None and f"/people/{person_id}/photo/removal" not in page
    for field in ("file", "camera"):
        assert send(client, person_id, jpeg(), field=field).status_code == 302
        page = client.get(f"/people/{person_id}")
        assert opened(shown(page.text) or b"").size == (360, 480)
    assert page.headers["Cache-Control"] == "no-store"
    answer = client.post(f"/people/{person_id}/photo/removal", data={"csrf_token": csrf_of(client)})
    assert answer.status_code == 302
    assert shown(client.get(f"/people/{person_id}").text) is None


def test_what_is_wrong_with_a_photo_is_said_beside_its_field(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        person_id = add_person(Details("王秀华", no_id_reason="遗失"), by=SYSTEM, now=NOON).id
    client = sign_in(Role.CLERK)
    for content, words in (
        (b"GIF89a" + bytes(9), "JPEG"),
        (b"", "照片"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
    ):
        answer = send(client, person_id, content)
        assert answer.status_code == 422
        [error] = re.findall(
            r'class="field-error" id="file-error">.*?</svg>(.*?)</div>', answer.text
        )
        assert words in error
    answer = send(client, person_id, b"GIF89a" + bytes(9), field="camera")
    assert 'id="camera-error"' in answer.text
    with app.app_context():
        assert count(PersonPhoto) == 0


def test_a_photo_is_seen_by_who_sees_the_person_and_by_nobody_else(
    app: Flask, sign_in: SignIn
) -> None:
    with app.app_context():
        ids = build_street()
        hers, other = (
            add_person(Details(name, no_id_reason="遗失"), by=SYSTEM, now=NOON).id
            for name in ("王秀华", "赵玉兰")
        )
        app.config["PHOTO_TIMEOUT_S"] = 60
        for person_id in (hers, other):
            put_photo(person_id, jpeg(), by=SYSTEM, now=NOON)
        enrol_diner(hers, home_site_id=ids["site"], on=clock.service_day(NOON), by=SYSTEM, now=NOON)
    manager = sign_in(Role.MANAGER, ids["site"])
    assert shown(manager.get(f"/people/{hers}").text)
    assert manager.get(f"/people/{other}").status_code == 404
    assert send(manager, hers, jpeg()).status_code == 403
    assert app.test_client().get(f"/people/{hers}").status_code == 302
    auditor = sign_in(Role.AUDITOR)
    assert shown(auditor.get(f"/people/{hers}").text) is None
    data = {"csrf_token": csrf_of(auditor), "reason": "核对身份"}
    assert shown(auditor.post(f"/people/{hers}/reveal", data=data).text)
