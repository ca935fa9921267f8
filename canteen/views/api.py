"""The canteen for programs, tablets and the counter's own script: scans, voids, the roster.

docs/api.md tells the story; core/api.py and `api_schemas` hold what is checked and documented.
"""

from typing import Any

from flask import jsonify, request
from flask_smorest import Blueprint
from werkzeug.wrappers import Response

from canteen.lists.roster import roster_of
from canteen.views import api_attempt as attempt
from canteen.views.api_batch import each
from canteen.views.api_schemas import BATCH_BYTES, SCAN_BYTES, ScanSchema, VoidSchema
from core import clock
from core.access import Role, current_actor, requires
from core.api import CLOCK_HEADER, answer, body, responses

bp: Any = Blueprint(
    "canteen_api", __name__, url_prefix="/api/canteen", description="Meals at the counter"
)
AT_COUNTER = (Role.COUNTER, Role.MANAGER, Role.CLERK)


def _takes(schema: Any) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{schema}"} if isinstance(schema, str) else schema
    return {"required": True, "content": {"application/json": {"schema": reference}}}


@bp.post("/scans")
@bp.doc(
    operationId="createScan", parameters=[CLOCK_HEADER], requestBody=_takes(ScanSchema),
    responses=responses(
        401, 403, 404, 413, 415, 422, 429, 503,
        s200=answer("Refused with its reason, or already served: when and where.", "ScanAnswer"),
        s201=answer("Served.", "ScanAnswer"),
    ),
)  # fmt: skip
@requires(*AT_COUNTER, device=True, reads_on=True)
def create_scan() -> tuple[Response, int]:
    """Register a meal by card.

    The same id with the same content gets the stored answer and status again.
    """
    now = clock.now()
    status, shown = attempt.register(body(SCAN_BYTES), now, attempt.clock_offset(now))
    return jsonify(shown), status


@bp.post("/scans/batch")
@bp.doc(
    operationId="createScans", parameters=[CLOCK_HEADER], requestBody=_takes("ScanBatch"),
    responses=responses(
        401, 403, 413, 415, 422, 503, s200=answer("One result each, in order.", "ScanResults")
    ),
)  # fmt: skip
@requires(*AT_COUNTER, device=True)
def create_scans() -> Response:
    """Register up to 500 scans, each by itself.

    An item that can never become a scan is put before a human (`parked`) and stops no other.
    """
    return jsonify(results=each(body(BATCH_BYTES), "scans", attempt.register, clock.now()))


@bp.post("/voids")
@bp.doc(
    operationId="createVoid", parameters=[CLOCK_HEADER], requestBody=_takes(VoidSchema),
    responses=responses(
        401, 403, 404, 409, 413, 415, 422, 503, s201=answer("Voided.", "VoidAnswer")
    ),
)  # fmt: skip
@requires(*AT_COUNTER, device=True)
def create_void() -> tuple[Response, int]:
    """Declare a served meal wrong.

    Within a minute this is an undo; later it needs a person whose PIN is open.
    """
    now = clock.now()
    status, shown = attempt.void(body(SCAN_BYTES), now, attempt.clock_offset(now))
    return jsonify(shown), status


@bp.post("/voids/batch")
@bp.doc(
    operationId="createVoids", parameters=[CLOCK_HEADER], requestBody=_takes("VoidBatch"),
    responses=responses(
        401, 403, 413, 415, 422, 503, s200=answer("One result each, in order.", "VoidResults")
    ),
)  # fmt: skip
@requires(*AT_COUNTER, device=True)
def create_voids() -> Response:
    """Void up to 500 meals, each by itself."""
    return jsonify(results=each(body(BATCH_BYTES), "voids", attempt.void, clock.now()))


@bp.get("/roster")
@bp.doc(
    operationId="getRoster",
    parameters=[
        {"in": "query", "name": "site", "required": True,
         "schema": {"type": "string", "minLength": 1, "maxLength": 32}},
        {"in": "header", "name": "If-None-Match", "required": False, "schema": {"type": "string"}},
    ],
    responses=responses(
        400, 401, 403, 404, 503,
        s200=answer("The roster.", "Roster", headers={
            "ETag": {"description": "Changes with the content.", "schema": {"type": "string"}},
        }),
        s304={"description": "Not changed since the ETag that was sent."},
    ),
)  # fmt: skip
@requires(*AT_COUNTER, device=True)
def roster() -> Response:
    """What a counter needs to decide without a connection.

    The diners of the site and those who ate there of late; no ID numbers, no phones, no codes.
    """
    site = attempt.counter_site(request.args.get("site", ""))
    response = jsonify(
        roster_of(site.id, site.slug, site.address_style, current_actor(), clock.now())
    )
    # Weak, because the same roster may be sent compressed or not.
    response.add_etag(weak=True)
    return response.make_conditional(request)
