"""The server's machine lives in another time zone: meals keep the office's day."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from canteen.models import MealEvent
from core.db import db
from tests.conftest import both_engines
from tests.faults.real_server import Canteen, Server

pytestmark = pytest.mark.faults
# Half past eleven in Handan is the day before in Honolulu, and midnight is near in Auckland.
NOON, DAY = datetime(2026, 11, 20, 3, 30, tzinfo=UTC), date(2026, 11, 20)
ZONES = ["Pacific/Honolulu", "Pacific/Kiritimati", "Asia/Kathmandu"]


def days(canteen: Canteen) -> dict[str, tuple[date, str]]:
    with canteen.app.app_context():
        rows = db.session.execute(sa.select(MealEvent.id, MealEvent.day, MealEvent.sitting)).all()
        db.session.remove()
        db.engine.dispose()
    return {str(row.id): (row.day, row.sitting.value) for row in rows}


@both_engines
@pytest.mark.parametrize("zone", ZONES)
def test_meals_keep_their_day_on_a_machine_of_another_zone(
    server: Server, engine_name: str, zone: str
) -> None:
    server.env = {"TZ": zone, "PGTZ": zone}
    server.start()
    [item] = server.canteen.take(1)
    item["scanned_at"] = NOON.isoformat()
    answer = server.scan(item)
    assert answer.status == 201, answer
    assert days(server.canteen) == {item["id"]: (DAY, "lunch")}
    roster = server.get("/api/canteen/roster?site=one")
    assert roster.status == 200
