"""What the canteen's API takes and gives: the schemas that both check and document."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import marshmallow as ma
from marshmallow import fields

from canteen.values import (
    Collector,
    DietKind,
    FundLayer,
    Note,
    OtherKind,
    Outcome,
    Refusal,
    Sitting,
    WayOfEating,
)
from core.api import Flag, Line, MomentText, Uuid, Word

BATCH_MOST = 500
SCAN_BYTES, BATCH_BYTES = 16 * 1024, 1024 * 1024
LONGEST_CODE = 400
LONGEST_SITE = 32

AT_COUNTER_WAYS = (WayOfEating.DINE_IN, WayOfEating.TAKE_AWAY, WayOfEating.COLLECTED)


class Decided(StrEnum):
    """What a device has done already by itself."""

    SERVED = "served"


class SiteName(fields.String):
    """Short name of a site."""

    def __init__(self, **more: Any) -> None:
        super().__init__(metadata={"minLength": 1, "maxLength": LONGEST_SITE}, **more)

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_SITE:
            raise ma.ValidationError(f"1 to {LONGEST_SITE} characters")
        return value


class Code(fields.String):
    """What a scanner read. Only its length is looked at here."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_CODE:
            raise ma.ValidationError(f"1 to {LONGEST_CODE} characters")
        return value


class ScanSchema(ma.Schema):
    """One attempt to register a meal, with exactly one of `code` and `card`."""

    id = Uuid(required=True, metadata={"description": "Made by the caller before sending."})
    code = Code(metadata={
        "format": "card-code", "minLength": 1, "maxLength": LONGEST_CODE,
        "description": "The 17 digits of a service card, as the scanner read them.",
    })  # fmt: skip
    card = Code(metadata={
        "minLength": 1, "maxLength": LONGEST_CODE,
        "description": "A card by its reference in this caller's roster.",
    })  # fmt: skip
    site = SiteName(required=True)
    scanned_at = MomentText(required=True)
    sitting = Word(Sitting, metadata={"description": "Checked against the moment; decides only for a "
                                      "fact or together with `late_reason`."})  # fmt: skip
    way = Word(WayOfEating, only=AT_COUNTER_WAYS)
    collected_by = Word(Collector)
    acknowledged = Flag(
        metadata={"description": "Somebody looked at the allergy that blocked the meal."}
    )
    late_reason = Line(
        128, metadata={"description": "Why this is entered from paper; needs a PIN."}
    )
    decided = Word(Decided, metadata={"description": "The meal has been handed over already: it is recorded, "
                                      "and parked without subsidy if a rule says no."})  # fmt: skip


class VoidSchema(ma.Schema):
    """One served meal declared wrong (作废)."""

    id = Uuid(required=True, metadata={"description": "Made by the caller before sending."})
    event_id = Uuid(required=True, metadata={"description": "The event of the meal."})
    reason = Line(128, required=True)


SCAN, VOID = ScanSchema(), VoidSchema()


def _batch_of(name: str, item: str) -> dict[str, Any]:
    return {
        "type": "object", "required": [name], "additionalProperties": False,
        "properties": {name: {
            "type": "array", "maxItems": BATCH_MOST,
            "items": {"$ref": f"#/components/schemas/{item}"},
        }},
    }  # fmt: skip


def _results_of(answer: str) -> dict[str, Any]:
    done = {
        "type": "object", "required": ["id", "status", "answer"],
        "properties": {
            "id": {"type": "string"}, "status": {"type": "integer", "enum": [200, 201]},
            "answer": {"$ref": f"#/components/schemas/{answer}"},
        },
    }  # fmt: skip
    failed = {
        "type": "object", "required": ["id", "status", "code", "message", "details", "parked"],
        "properties": {
            "id": {"type": ["string", "null"], "description": "As sent; null when there was none."},
            "status": {"type": "integer", "minimum": 400},
            "code": {"type": "string"}, "message": {"type": "string"}, "details": {"type": "object"},
            "parked": {"type": "boolean", "description": "It was put before a human and is settled for the "
                       "sender. False with 429 and 503: send it again."},
        },
    }  # fmt: skip
    return {
        "type": "object",
        "required": ["results"],
        "properties": {"results": {"type": "array", "items": {"oneOf": [done, failed]}}},
    }


def _words(kind: type[StrEnum]) -> dict[str, Any]:
    return {"type": "string", "enum": [member.value for member in kind]}


_ID = {"type": "string", "format": "uuid"}
_DAY = {"type": "string", "format": "date"}
_FEN = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string"}
_MINUTES = {"type": "integer"}
_TEXT_OR_NULL = {"type": ["string", "null"]}

_ANSWER_FIELDS: Mapping[str, Any] = {
    "outcome": _words(Outcome),
    "event_id": _ID,
    "person": {
        "type": ["object", "null"], "description": "Who stands at the counter; null for an unknown card.",
        "properties": {"name": _TEXT, "address_as": _TEXT_OR_NULL, "photo": _TEXT_OR_NULL,
                       "household": {"type": "boolean"}},
    },
    "words": {"type": "string", "description": "What the diner may see and hear, always in Chinese."},
    "needs": {"type": "array", "description": "Her diet needs, for the staff's eyes.", "items": {
        "type": "object", "required": ["kind", "text", "blocks"],
        "properties": {"kind": _words(DietKind), "text": _TEXT, "blocks": {"type": "boolean"}},
    }},
    "notes": {"type": "array", "items": {
        "type": "object", "required": ["code", "text"],
        "properties": {"code": _words(Note), "text": _TEXT},
    }},
    "day": _DAY, "sitting": _words(Sitting), "way": _words(WayOfEating),
    "collected_by": _words(Collector),
    "meal": {
        "type": "object", "description": "Of a served meal.",
        "required": ["price_fen", "subsidy_fen", "copay_fen", "layers", "category", "tariff_id"],
        "properties": {
            "price_fen": _FEN, "subsidy_fen": _FEN, "copay_fen": _FEN,
            "layers": {"type": "object", "additionalProperties": _FEN,
                       "propertyNames": {"enum": [layer.value for layer in FundLayer]}},
            "category": _TEXT_OR_NULL, "tariff_id": {"type": ["integer", "null"]},
        },
    },
    "other": _words(OtherKind),
    "parked": {"type": "string", "description": "Why a fact was put before a human, without subsidy."},
    "at": {"type": "string", "format": "date-time", "description": "When she was served already."},
    "site": {"type": ["string", "null"], "description": "Where she was served already."},
    "site_name": _TEXT_OR_NULL, "meal_event_id": _ID,
    "reason": {"type": "string", "description": "Why it was refused: " + ", ".join(Refusal)},
    "title": _TEXT, "message": _TEXT, "until": _DAY,
    "next": {"type": "object", "description": "The next sitting.", "properties": {
        "day": _DAY, "sitting": _words(Sitting), "starts_min": {"type": "integer"},
    }},
}  # fmt: skip

_DIET = {
    "type": "object", "required": ["kind", "detail", "blocks"],
    "properties": {"kind": _words(DietKind), "detail": _TEXT_OR_NULL, "blocks": {"type": "boolean"}},
}  # fmt: skip

_ROSTER = {
    "type": "object", "required": ["site", "day", "hash", "sittings", "people"],
    "properties": {
        "site": _TEXT, "day": _DAY,
        "hash": {
            "type": "object", "required": ["algorithm", "salt", "iterations"],
            "description": "How to find a scanned code in this roster: PBKDF2 of its 17 digits, 32 bytes "
                           "as hex. The salt is this device's alone.",
            "properties": {"algorithm": {"const": "PBKDF2-HMAC-SHA256"}, "salt": _TEXT,
                           "iterations": {"type": "integer"}},
        },
        "sittings": {"type": "array", "description": "What is served today and on the next six days.", "items": {
            "type": "object",
            "required": ["day", "sitting", "starts_min", "ends_min", "grace_before_min", "grace_after_min"],
            "properties": {
                "day": _DAY, "sitting": _words(Sitting),
                "starts_min": _MINUTES, "ends_min": _MINUTES,
                "grace_before_min": _MINUTES, "grace_after_min": _MINUTES,
            },
        }},
        "people": {"type": "array", "items": {
            "type": "object",
            "required": ["card", "code_hash", "name", "address_as", "state", "entitlement", "diet"],
            "properties": {
                "card": {"type": "string", "description": "Send this instead of the code."},
                "code_hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "name": _TEXT, "address_as": _TEXT_OR_NULL,
                "state": {"enum": ["active", "stopped"], "description": "Of the card and its owner."},
                "entitlement": {
                    "type": "object", "required": ["is_eligible", "until", "needs_review"],
                    "properties": {"is_eligible": {"type": "boolean"}, "needs_review": {"type": "boolean"},
                                   "until": {**_DAY, "type": ["string", "null"], "description":
                                             "Last day it holds, as known today; null when open."}},
                },
                "diet": {"type": "array", "items": _DIET},
            },
        }},
    },
}  # fmt: skip

_VOIDED = {
    "type": "object", "required": ["outcome", "event_id", "voids"],
    "properties": {"outcome": {"const": "voided"}, "event_id": _ID, "voids": _ID},
}  # fmt: skip

# Answers and batches by the name of their component. Requests of one item come from marshmallow.
COMPONENTS: Mapping[str, Mapping[str, Any]] = {
    "ScanAnswer": {
        "type": "object",
        "required": ["outcome", "event_id", "person", "words", "needs", "notes"],
        "properties": _ANSWER_FIELDS,
    },
    "VoidAnswer": _VOIDED,
    "ScanBatch": _batch_of("scans", "Scan"),
    "VoidBatch": _batch_of("voids", "Void"),
    "ScanResults": _results_of("ScanAnswer"),
    "VoidResults": _results_of("VoidAnswer"),
    "Roster": _ROSTER,
}

# Of the schemas that marshmallow writes, what it has no words for.
REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "Scan": {"oneOf": [{"required": ["code"]}, {"required": ["card"]}]},
}
