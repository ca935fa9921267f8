"""The keyed hashes by which encrypted numbers are found again. Purposes never change."""

import re

from core.people.id_number import fold as fold_id_number
from core.privacy import blind_index

_PREFIX = re.compile(r"^(?:00)?86(?=1\d{10}$)")


def id_hash(number: str) -> str:
    """Of a whole ID number, folded."""
    return blind_index("id-number", fold_id_number(number))


def id_last6_hash(number: str) -> str:
    return blind_index("id-last6", fold_id_number(number)[-6:])


def id_last4_hash(number: str) -> str:
    return blind_index("id-last4", fold_id_number(number)[-4:])


def phone_hash(phone: str) -> str:
    """Of all digits of a phone number."""
    return blind_index("phone", digits_of(phone))


def phone_last4_hash(phone: str) -> str:
    return blind_index("phone-last4", digits_of(phone)[-4:])


def digits_of(phone: str) -> str:
    """The digits of a phone number as typed, without China's prefix: +86 137 … is 137 …"""
    return _PREFIX.sub("", re.sub(r"\D", "", phone))
