"""What must be true of a name, an ID number and a phone, and the columns they become. Writes nothing."""

from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from core.errors import RuleError, Text, describe
from core.people import hashes
from core.people.id_number import IdFault, read_id_number
from core.people.models import Sex
from core.people.names import has_hidden_characters, read_name, sort_key
from core.people.values import Details

describe(
    {
        "name_missing": Text(_l("The name is missing. Nothing was saved; enter it."), 422),
        "name_hidden_characters": Text(
            _l("The name holds invisible characters. Nothing was saved; type it again by hand."),
            422,
        ),
        "name_lost_character": Text(
            _l(
                "A rare character of the name was lost (“?”). Nothing was saved; type the "
                "name again."
            ),
            422,
        ),
        "name_no_letters": Text(
            _l("This is no name. Nothing was saved; enter the name as on the ID card."), 422
        ),
        "name_two_people": Text(
            _l("These are two names. Nothing was saved; enter one person at a time."), 422
        ),
        "name_too_long": Text(
            _l("The name is too long (50 characters at most). Nothing was saved."), 422
        ),
        IdFault.LENGTH: Text(
            _l(
                "An ID number has 18 digits, this one has %(length)s. Nothing was saved; "
                "compare it with the card."
            ),
            422,
        ),
        IdFault.CHARACTERS: Text(
            _l(
                "An ID number has digits only, and at the end perhaps an X. Nothing was "
                "saved; compare it with the card."
            ),
            422,
        ),
        IdFault.BIRTH_DATE: Text(
            _l(
                "The birth date inside the ID number does not exist. Nothing was saved; "
                "compare it with the card."
            ),
            422,
        ),
        IdFault.CHECK_DIGIT: Text(
            _l(
                "A digit of the ID number is wrong (its check digit does not fit). Nothing "
                "was saved; compare it with the card."
            ),
            422,
        ),
        IdFault.OLD: Text(
            _l(
                "This is an old ID number of 15 digits. Nothing was saved; enter the 18 "
                "digits of the present card."
            ),
            422,
        ),
        IdFault.ROUNDED: Text(
            _l(
                "Excel has rounded this ID number. Nothing was saved; enter it again from the card."
            ),
            422,
        ),
        "id_number_taken": Text(
            _l(
                "Somebody with this ID number is registered already (%(name)s). Nothing was "
                "saved; open that page instead."
            )
        ),
        "no_id_reason_needed": Text(
            _l(
                "Without an ID number a reason is needed. Nothing was saved; enter the number "
                "or the reason."
            ),
            422,
        ),
        "birth_not_of_id": Text(
            _l(
                "The birth date is not the one in the ID number (%(of_id)s). Nothing was "
                "saved; compare both with the card."
            ),
            422,
        ),
        "birth_impossible": Text(
            _l(
                "The birth date lies in the future or too far back. Nothing was saved; enter "
                "it again."
            ),
            422,
        ),
        "hidden_characters": Text(
            _l(
                "A field holds invisible control characters. Nothing was saved; type it again "
                "by hand."
            ),
            422,
        ),
        "person_is_merged": Text(
            _l("This record was merged into another one. Nothing was saved; go on there.")
        ),
    }
)


def checked(details: Details, today: date, is_practice: bool = False) -> Details:
    """Folded details that may be stored. Raises RuleError for what may not."""
    reading = read_name(details.name)
    if reading.fault:
        raise RuleError(reading.fault)
    texts = (details.address, details.note, details.address_as, details.no_id_reason, details.phone)
    if any(text and has_hidden_characters(text) for text in texts):
        raise RuleError("hidden_characters")
    details = replace(
        details, name=reading.name, phone=details.phone or None, address=details.address or None,
        note=details.note or None, address_as=details.address_as or None,
        id_number=details.id_number or None,
    )  # fmt: skip
    if details.birth_on and not today.year - 125 <= details.birth_on.year <= today.year:
        raise RuleError("birth_impossible")
    if details.id_number is None:
        if not details.no_id_reason and not is_practice:
            raise RuleError("no_id_reason_needed")
        return details
    number = read_id_number(details.id_number, today)
    if number.fault:
        raise RuleError(number.fault.value, length=len(number.number))
    if details.birth_on and details.birth_on != number.birth_on:
        raise RuleError("birth_not_of_id", of_id=str(number.birth_on))
    sex = details.sex or {"男": "male", "女": "female"}[number.sex or "女"]
    return replace(
        details, id_number=number.number, no_id_reason=None, birth_on=number.birth_on, sex=sex
    )


def columns_of(details: Details, pinyin: str | None = None) -> dict[str, Any]:
    """The columns of a person that checked details fill, hashes included. pinyin: the sort key, if known."""
    number, phone = details.id_number, details.phone
    digits = hashes.digits_of(phone) if phone else ""
    return {
        **vars(details),
        "sex": Sex(details.sex) if details.sex else None,
        "pinyin": pinyin or sort_key(details.name),
        "id_last6_hash": hashes.id_last6_hash(number) if number else None,
        "id_last4_hash": hashes.id_last4_hash(number) if number else None,
        "phone_hash": hashes.phone_hash(digits) if digits else None,
        "phone_last4_hash": hashes.phone_last4_hash(digits) if len(digits) >= 4 else None,
    }
