"""Plain values of people, handed to verbs."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Details:
    """What is known of a person. `sex` is "female", "male" or None; areas are ids."""

    name: str
    sex: str | None = None
    birth_on: date | None = None
    id_number: str | None = None
    no_id_reason: str | None = None
    phone: str | None = None
    address: str | None = None
    residence_area_id: int | None = None
    registration_area_id: int | None = None
    address_as: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Contact:
    """Whom to call."""

    name: str
    relation: str = ""
    phone: str | None = None
