"""The programs' side: OpenAPI, strict fields, and how a JSON body becomes plain values.

A programme hangs its views on a `flask_smorest.Blueprint` and calls `register`. flask-smorest only
documents here: a view reads its body with `body`, through the very schema that is documented, and
errors are answered by core/edge.py like everywhere else.
"""

import inspect
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NoReturn
from uuid import UUID

import marshmallow as ma
from flask import Blueprint, Flask, Response, current_app, request
from flask_babel import lazy_gettext as _l
from flask_smorest import Api
from marshmallow import fields
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from core.access import public
from core.clock import CLOCK_YEARS
from core.errors import RuleError, Text, describe

bp = Blueprint("api", __name__, url_prefix="/api")

describe({
    "malformed": Text(_l("The request could not be understood. Nothing was saved; see the details."), 422),
    "too_many_items": Text(_l("At most %(most)s entries fit in one request. Nothing was saved; send fewer."), 413),
})  # fmt: skip

TITLE, VERSION = "渚河为民服务台 Zhuhe", "1.0"
DESCRIPTION = """For programs and counters. Moments are RFC 3339, amounts whole fen (分), ids UUIDs \
made by the caller before sending: the same id with the same content gets the same answer again, so \
every request may be repeated.

Send either a program's token (`Authorization: Bearer …`, from `flask devices add`), or the cookie of \
an enrolled tablet or of a signed-in session; with a cookie, requests that write need the page's token \
in `X-CSRFToken`. A 503 or 429 says in `Retry-After` when to send the same again: nothing was written."""

# One shape for everything that went wrong.
PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "required": ["code", "message", "details"],
    "properties": {
        "code": {"type": "string", "description": "What went wrong, for programs."},
        "message": {"type": "string", "description": "The same for people, in their language."},
        "details": {"type": "object"},
    },
}
_RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}
}
PROBLEMS: Mapping[int, str] = {
    400: "The request could not be read at all.",
    401: "No credentials, or they have ended.",
    403: "Not open to this role, device or site; a missing form token; or a PIN is needed first.",
    404: "There is no such site or entry.",
    409: "It is done already, or its state forbids it.",
    413: "Too large.",
    415: "The body is not JSON.",
    422: "Malformed, or the id was used for other content.",
    429: "Too many unknown codes from this device.",
    503: "The database is busy or away. Nothing was written; send the same again.",
}
CLIENT_TIME = "X-Client-Time"
CLOCK_HEADER: Mapping[str, Any] = {
    "in": "header", "name": CLIENT_TIME, "required": False,
    "schema": {"type": "string", "format": "date-time"},
    "description": "When the device sent this, by its own clock: corrects the moments that it sends.",
}  # fmt: skip


class Word(fields.String):
    """One of the values of a StrEnum."""

    def __init__(self, kind: type[StrEnum], *, only: Sequence[StrEnum] = (), **more: Any) -> None:
        self._words = {member.value: member for member in (only or kind)}
        metadata = {"enum": list(self._words), **more.pop("metadata", {})}
        super().__init__(metadata=metadata, **more)

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if not isinstance(value, str) or value not in self._words:
            raise ma.ValidationError(f"one of {', '.join(self._words)}")
        return self._words[value]


class Flag(fields.Boolean):
    """true or false, and no word for them."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> bool:
        if not isinstance(value, bool):
            raise ma.ValidationError("true or false")
        return value


class Uuid(fields.String):
    """A UUID in its usual form of 36 characters."""

    _form = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

    def __init__(self, **more: Any) -> None:
        super().__init__(metadata={"format": "uuid", **more.pop("metadata", {})}, **more)

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if not isinstance(value, str) or not self._form.fullmatch(value):
            raise ma.ValidationError("a UUID")
        return UUID(value)


class MomentText(fields.String):
    """RFC 3339 with its offset, in years that a clock can mean."""

    def __init__(self, **more: Any) -> None:
        super().__init__(metadata={"format": "date-time", **more.pop("metadata", {})}, **more)

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        return moment(value)


class Line(fields.String):
    """Words on one line: without control characters, and not only blanks."""

    # No control character, and in what comes no half of a pair: PostgreSQL stores neither.
    _form = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
    _documented = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"

    def __init__(self, most: int, **more: Any) -> None:
        self._most = most
        form = {"minLength": 1, "maxLength": most, "pattern": self._documented}
        super().__init__(metadata={**form, **more.pop("metadata", {})}, **more)

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        fits = isinstance(value, str) and len(value) <= self._most and self._form.fullmatch(value)
        if not fits or not value.strip():
            raise ma.ValidationError(f"one line of 1 to {self._most} characters")
        return value.strip()


_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d):(\d\d)(\.\d{1,9})?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)


def moment(text: Any) -> datetime:
    """The UTC moment of an RFC 3339 text. Raises marshmallow.ValidationError for anything else."""
    found = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ma.ValidationError(
            "a moment as RFC 3339 with its offset, like 2026-11-24T11:42:00+08:00"
        )
    day, minute, second, fraction, zone = found.groups()
    is_leap = second == "60"  # a leap second is the last moment before the next minute
    try:
        value = datetime.fromisoformat(
            f"{day}T{minute}:{'59' if is_leap else second}{(fraction or '')[:7]}"
        )
    except ValueError:
        raise ma.ValidationError("no such day or time") from None
    if value.year not in CLOCK_YEARS:
        raise ma.ValidationError("a year from 2000 to 2199")
    value = value.replace(tzinfo=UTC)
    if is_leap:
        value += timedelta(seconds=1)
    if zone in "Zz":
        return value
    ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
    return value - ahead if zone[0] == "+" else value + ahead


def client_time() -> datetime | None:
    """When the device says that it sent this request; None when it does not say. Raises "malformed"."""
    sent = request.headers.get(CLIENT_TIME)
    if sent is None:
        return None
    try:
        return moment(sent)
    except ma.ValidationError as error:
        malformed({CLIENT_TIME: error.messages})


def body(most_bytes: int) -> Any:
    """The JSON of this request. Raises "malformed", or what answers 413 or 415."""
    request.max_content_length = most_bytes
    if (request.content_length or 0) > most_bytes:
        raise RequestEntityTooLarge
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        sent = request.get_data(cache=False)
        text = sent.decode(json.detect_encoding(sent))
        value = _DECODER.decode(text)
        return _without_halves(value) if "\\u" in text else value
    except (ValueError, RecursionError) as error:
        # Half a number, half a character, a thousand brackets: it is no JSON of ours either way.
        raise RuleError("malformed", problems={"body": ["not JSON"]}) from error


_HALF = re.compile(r"[\ud800-\udfff]")


def _without_halves(value: Any) -> Any:
    """The same with U+FFFD for each half of a pair, as a text ends with that was cut within an emoji.

    No database stores one and no answer repeats one, so a single item would sink its whole batch.
    """
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_halves(item) for item in value]
    if isinstance(value, dict):
        return {_without_halves(name): _without_halves(item) for name, item in value.items()}
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_no_constant)  # json.loads would make one a request


def load(schema: ma.Schema, sent: Any) -> dict[str, Any]:
    """What a schema makes of a value. Raises "malformed" with the problems by field."""
    if isinstance(sent, dict) and (quick := _load_flat(schema, sent)) is not None:
        return quick
    try:
        values: dict[str, Any] = schema.load(sent)
    except ma.ValidationError as error:
        malformed(error.normalized_messages())
    return values


def _load_flat(schema: ma.Schema, sent: Mapping[str, Any]) -> dict[str, Any] | None:
    """The same by the fields alone, at a quarter of the cost; None where marshmallow has to look.

    For schemas without nesting, hooks, defaults and renamed fields, which ours are.
    """
    fields_of, values = schema.load_fields, {}
    try:
        for name, value in sent.items():
            field = fields_of[name]
            if value is None:
                return None
            values[name] = field._deserialize(value, name, sent)
            if field.validators:  # without any, marshmallow makes an object to ask none
                field._validate(values[name])
    except (KeyError, TypeError, ma.ValidationError):
        return None
    for name, field in fields_of.items():
        if field.required and name not in values:
            return None
    return values


def malformed(problems: Mapping[str, Any]) -> NoReturn:
    """Refuse a request with its problems by field. Names of fields are cut, values never repeated."""
    raise RuleError("malformed", problems={str(name)[:40]: text for name, text in problems.items()})


def responses(*problems: int, **answers: Mapping[str, Any]) -> dict[str, Any]:
    """The `responses` of an operation: answers as s200={…}, and the usual problems by status."""
    documented = {name[1:]: dict(answer) for name, answer in answers.items()}
    for status in problems:
        documented[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    return documented


def answer(description: str, schema: str, **more: Any) -> dict[str, Any]:
    """One documented answer: the name of a component."""
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
        **more,
    }  # fmt: skip


def _api_of(app: Flask) -> Api:
    known: Api | None = app.extensions.get("zhuhe_api")
    if known is None:
        known = app.extensions["zhuhe_api"] = _Api(app, spec_kwargs={
            "title": TITLE, "version": VERSION, "openapi_version": "3.1.0",
            "info": {"description": DESCRIPTION},
        })  # fmt: skip
        known.DEFAULT_ERROR_RESPONSE_NAME = None
        _describe_common(known)
    return known


class _Api(Api):
    """flask-smorest without its own error answers and pages."""

    def _register_error_handlers(self) -> None:
        """The edge answers errors."""

    def _register_doc_blueprint(self) -> None:
        """`openapi_json` below serves the document, because each view declares its access."""


def _describe_common(api: Api) -> None:
    parts = api.spec.components
    parts.schema("Problem", component=dict(PROBLEM))
    for status, description in PROBLEMS.items():
        headers = {"headers": _RETRY_AFTER} if status in (429, 503) else {}
        parts.response(f"Problem{status}", answer(description, "Problem", **headers))
    parts.security_scheme("program", {"type": "http", "scheme": "bearer"})
    for name, cookie in (("tablet", "zhuhe_device"), ("session", "session")):
        parts.security_scheme(name, {"type": "apiKey", "in": "cookie", "name": cookie})
    api.spec.options["security"] = [{"program": []}, {"tablet": []}, {"session": []}]


def register(
    app: Flask,
    blueprint: Any,
    schemas: Mapping[str, Mapping[str, Any]],
    more: Mapping[str, Mapping[str, Any]],
) -> None:
    """Serve and document a programme's addresses.

    schemas: the answers by component name. more: what marshmallow cannot say about a request.
    """
    api = _api_of(app)
    for name, component in schemas.items():
        api.spec.components.schema(name, component=dict(component))
    api.register_blueprint(blueprint)
    for endpoint, view in app.view_functions.items():
        # `Blueprint.doc` wraps a view only to carry its words, and looks at it anew at each call.
        if endpoint.startswith(f"{blueprint.name}."):
            app.view_functions[endpoint] = inspect.unwrap(view)
    for name, rules in more.items():
        api.spec.components.schemas[name].update(rules)


@bp.get("/openapi.json")
@public
def openapi_json() -> Response:
    """What programs may ask, as OpenAPI 3.1."""
    text: bytes | None = current_app.extensions.get("zhuhe_openapi")
    if text is None:
        document = _api_of(current_app._get_current_object()).spec.to_dict()  # type: ignore[attr-defined]
        text = current_app.extensions["zhuhe_openapi"] = json.dumps(
            document, ensure_ascii=False
        ).encode()
    return Response(text, content_type="application/json")
