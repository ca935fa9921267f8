"""A canteen that serves all day, and hands for its counter: a scanner, an input method, a camera."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from canteen import actions
from canteen.models import Meal, MealEvent
from canteen.values import Sitting, Window
from core import clock
from core.db import db, transaction
from core.people.actions.persons import Details, change_person
from core.people.cards import symbol
from tests.browser.conftest import Live
from tests.canteen import house

ALL_DAY = (
    Window(Sitting.BREAKFAST, 0, 600, 0, 0),
    Window(Sitting.LUNCH, 600, 1080, 0, 0),
    Window(Sitting.DINNER, 1080, 1440, 0, 0),
)
# What Chromium tells a page while a Chinese input method is on: the character is hidden.
THROUGH_INPUT_METHOD = """(text) => {
  const press = (init) => document.body.dispatchEvent(
    new KeyboardEvent("keydown", {bubbles: true, cancelable: true, ...init}));
  for (const digit of text) press({key: "Process", code: "Digit" + digit, keyCode: 229, isComposing: true});
  press({key: "Enter", code: "Enter"});
}"""
FULL_WIDTH = """(text) => {
  const press = (init) => document.body.dispatchEvent(
    new KeyboardEvent("keydown", {bubbles: true, cancelable: true, ...init}));
  for (const digit of text) press({key: String.fromCharCode(0xff10 + Number(digit))});
  press({key: "Enter"});
}"""


@dataclass
class Canteen:
    """One site with its diners, known by their ids and codes."""

    site_id: int
    slug: str
    people: list[int]
    codes: list[str]
    now: datetime


def open_canteen(live: Live, names: tuple[str, ...] = ("王秀华",), practice: int = 0) -> Canteen:
    """A site that serves from midnight to midnight, and one enrolled diner for each name."""
    now = clock.now()
    with live.app.app_context():
        built = house.build(now)
        actions.set_sitting_windows(
            built.site_id, windows=ALL_DAY, from_on=house.FIRST, by=house.CLERK, now=now
        )
        people = [house.diner(built) for _name in names]
        for person_id, name in zip(people, names, strict=True):
            change_person(person_id, _details(name), by=house.CLERK, now=now)
        for _ in range(practice):
            house.diner(built, practice=True)
        return Canteen(built.site_id, "one", people, [house.code(one) for one in people], now)


def _details(name: str) -> Details:
    return Details(
        name=name, sex="female", birth_on=date(1950, 5, 1), no_id_reason="老人无证件",
        phone="13800002231",
    )  # fmt: skip


def scan(page: Page, text: str) -> None:
    """What a USB scanner does: the characters at once, then Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def answer(page: Page, state: str) -> Locator:
    """The answer, once it is in this state."""
    found = page.locator(f'#answer[data-state="{state}"]')
    expect(found).to_be_visible()
    return found


def events(live: Live) -> list[MealEvent]:
    """All attempts that the server keeps, the oldest first."""
    with live.app.app_context():
        return list(db.session.scalars(sa.select(MealEvent).order_by(MealEvent.received_at)))


def meals(live: Live) -> int:
    """How many meals are owed."""
    with live.app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(Meal)) or 0


def age_sessions(live: Live, minutes: int) -> None:
    """Let the PIN of everybody have been used so long ago."""
    from core.accounts.models import UserSession

    with live.app.app_context(), transaction() as session:
        for row in session.scalars(sa.select(UserSession)):
            row.pin_seen_at -= timedelta(minutes=minutes)


def film_of_card(code: str, folder: Path) -> Path:
    """A card held before a camera, as a film that Chromium takes for its camera."""
    card = (
        Image.open(BytesIO(symbol.png(code)))
        .convert("RGB")
        .resize((290, 290), Image.Resampling.NEAREST)
    )
    picture = Image.new("RGB", (640, 480), (104, 96, 88))
    picture.paste(card.rotate(4, expand=True, fillcolor=(255, 255, 255)), (170, 90))
    frame = BytesIO()
    picture.save(frame, "JPEG", quality=90)
    film = folder / "card.mjpeg"
    film.write_bytes(frame.getvalue() * 5)
    return film
