"""Schemathesis against the real app: whatever is sent, the answer is one that is documented."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection

from canteen.views.api_schemas import SCAN
from core.api import _load_flat
from core.people.card_code import make_code
from tests.canteen.programs import make_house, program
from tests.conftest import both_engines

# Cards that nobody holds: their check digits are right, so they reach the engine.
CARDS = st.integers(500_000, 600_000).map(lambda number: make_code(b"some other office", number, 1))
MOMENTS = st.datetimes(datetime(2000, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC))
schemathesis.openapi.format("card-code", CARDS)
schemathesis.openapi.format("date-time", MOMENTS.map(datetime.isoformat))


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    """The served document."""
    app.config["UNKNOWN_CODES_PER_MINUTE"] = 10**9
    found: dict[str, Any] = app.test_client().get("/api/openapi.json").json
    return found


OPERATIONS = ["POST /api/canteen/scans", "POST /api/canteen/scans/batch", "POST /api/canteen/voids",
              "POST /api/canteen/voids/batch", "GET /api/canteen/roster"]  # fmt: skip


def test_every_operation_is_tried(document: dict[str, Any]) -> None:
    found = [
        f"{verb.upper()} {path}" for path, verbs in document["paths"].items() for verb in verbs
    ]
    assert sorted(found) == sorted(OPERATIONS)


@both_engines
@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_request_gets_an_undocumented_answer(
    app: Flask, document: Any, operation: str, noon: Any
) -> None:
    house, _codes = make_house(app, noon, "general")
    caller = program(app, noon, house.site_id)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    schema = schemathesis.openapi.from_dict(document)
    schema.app = app
    verb, path = operation.split()
    # The token is sent each time; and a bad item of a batch is an item's matter, not the batch's.
    excluded = [ignored_auth, *([negative_data_rejection] if "batch" in path else [])]
    hypothesis = settings(
        max_examples=40, derandomize=True, deadline=None, database=None,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip

    @hypothesis
    @_given(
        schema[path][verb],
        [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE],
    )
    def run(case: Any) -> None:
        response = case.call(headers={**caller.headers, "Accept-Encoding": "identity"})
        assert response.status_code < 500 or response.status_code == 503
        case.validate_response(response, excluded_checks=excluded)

    run()


def _given(operation: Any, modes: list[Any]) -> Callable[..., Any]:
    return given(case=st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes]))


WRONG = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
)
SENT = st.fixed_dictionaries(
    {},
    optional={
        "id": st.one_of(st.uuids().map(str), WRONG),
        "code": st.one_of(CARDS, WRONG),
        "card": st.one_of(st.text(min_size=1, max_size=9), WRONG),
        "site": st.one_of(st.just("one"), WRONG),
        "scanned_at": st.one_of(MOMENTS.map(datetime.isoformat), WRONG),
        "sitting": st.one_of(st.just("lunch"), WRONG),
        "acknowledged": st.one_of(st.booleans(), WRONG),
        "late_reason": st.one_of(st.text(max_size=4), WRONG),
        "more": WRONG,
    },
)


@settings(max_examples=400, derandomize=True, deadline=None, database=None)
@given(sent=SENT)
def test_the_quick_way_takes_what_marshmallow_takes_and_nothing_else(sent: dict[str, Any]) -> None:
    try:
        expected = SCAN.load(sent)
    except ValidationError:
        expected = None
    assert _load_flat(SCAN, sent) == expected
