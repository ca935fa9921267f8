"""What a counter asks, and what it is told: the request and the answer of `register_meal`."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from canteen.values import (
    Collector,
    DietKind,
    NoCardReason,
    OtherKind,
    Sitting,
    WayOfEating,
    WayOfRecording,
)
from core.people.card_code import hash_code, is_code
from core.people.models import Sex
from core.privacy import blind_index, secret

_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would make one for each scan


@dataclass(frozen=True)
class ByCode:
    """The code of a card as it was read. Whatever is no code of ours is an unknown card."""

    code: str

    @cached_property
    def index(self) -> str:
        """What finds the card, and all that is kept of the code."""
        if is_code(self.code):
            return hash_code(secret("card-hash"), self.code)
        return blind_index("scan", self.code)


@dataclass(frozen=True, slots=True)
class ByCard:
    """A card that a device knew by its opaque roster reference."""

    person_id: int
    serial: int


@dataclass(frozen=True, slots=True)
class ByPerson:
    """A person found by name or document."""

    person_id: int


Who = ByCode | ByCard | ByPerson


@dataclass(frozen=True, slots=True)
class Scan:
    """One attempt to register a meal. `id` is made by the device before sending.

    scanned_at: by the device's clock; occurred_at: corrected by its offset. day and sitting are
    only given for entries from paper and for facts; otherwise they follow from the moment.
    is_fact: the device has served already (`decided: served`), so it is recorded whatever the
    rules say. other: a meal outside the subsidy; then host_id is the diner it came with.
    price_fen: typed by staff where the tariff wants the actual price. is_moved: somebody else's meal
    until now; its moment was judged when it was first registered.
    """

    id: UUID
    who: Who | None
    site_id: int
    scanned_at: datetime
    occurred_at: datetime | None = None
    day: date | None = None
    sitting: Sitting | None = None
    way: WayOfEating | None = None
    collected_by: Collector = Collector.SELF
    recording: WayOfRecording = WayOfRecording.SCAN
    no_card_reason: NoCardReason | None = None
    acknowledged: bool = False
    late_reason: str | None = None
    is_fact: bool = False
    other: OtherKind | None = None
    host_id: int | None = None
    price_fen: int | None = None
    set_meal: str | None = None
    practice: bool = False
    is_moved: bool = False

    @property
    def at(self) -> datetime:
        """The moment it counts for."""
        return self.occurred_at or self.scanned_at

    def content_hash(self) -> str:
        """Equal for equal content: everything the device sent but the id, and never a plain code."""
        who: Any = self.who.index if isinstance(self.who, ByCode) else repr(self.who)
        content = [
            who, self.site_id, self.scanned_at.timestamp(), str(self.day), self.sitting, self.way,
            self.collected_by, self.recording, self.no_card_reason, self.acknowledged,
            self.late_reason, self.is_fact, self.other, self.host_id, self.price_fen, self.set_meal,
            self.practice,
        ]  # fmt: skip
        return hashlib.sha256(_encode(content).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Need:
    """A diet need as staff must see it. `detail` is a health note and stored in no answer."""

    kind: DietKind
    detail: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """Who stands at the counter: read afresh for each request, stored in no answer."""

    person_id: int
    name: str
    sex: Sex | None
    address_as: str | None
    household_id: UUID | None
    is_practice: bool = False
    pause_id: UUID | None = None
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Registered:
    """The answer to one attempt: HTTP status, stored answer, whether it is a repetition."""

    status: int
    answer: Mapping[str, Any]
    replayed: bool = False
    seen: Seen | None = None

    @property
    def outcome(self) -> str:
        return str(self.answer["outcome"])
