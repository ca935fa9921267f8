"""The sentences of findings, the names of columns, and why lines were skipped."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from core.people.id_number import IdFault
from core.people.roster.values import Finding

FIELDS: Mapping[str, Any] = {
    "name": _l("Name"),
    "sex": _l("Sex"),
    "id_number": _l("ID number"),
    "birth": _l("Birth date"),
    "birth_year": _l("Birth date"),
    "age": _l("Age"),
    "phone": _l("Phone"),
    "phone_2": _l("Second phone"),
    "address": _l("Address"),
    "address_2": _l("Address"),
    "registration_address": _l("Address of registration"),
    "community": _l("Community"),
    "grid": _l("Grid"),
    "area": _l("Area of residence"),
    "community_grid": _l("Community and grid"),
    "categories": _l("Categories"),
    "diets": _l("Diet needs"),
    "contact": _l("Emergency contact and phone"),
    "contact_name": _l("Emergency contact"),
    "contact_phone": _l("Contact's phone"),
    "relation": _l("Relation"),
    "deliver": _l("Delivery"),
    "note": _l("Note"),
    "status": _l("Standing"),
}

SKIPPED: Mapping[str, Any] = {
    "blank": _l("empty line"),
    "numbered_blank": _l("a number, but nobody"),
    "repeated_head": _l("repeated head of the table"),
    "section": _l("title of a section: holds for the lines below it"),
    "total": _l("total"),
    "note": _l("note or signature line"),
    "example": _l("example"),
    "continued": _l("second line of the person above"),
    "no_head": _l("no column of names"),
    "empty_sheet": _l("empty sheet"),
    "hidden_sheet": _l("hidden sheet"),
    "example_sheet": _l("explanation or example"),
    "ended_sheet": _l("people who have left"),
    "not_chosen": _l("not chosen"),
}

_FINDINGS: dict[str, Any] = {
    IdFault.LENGTH: _l(
        "An ID number has 18 digits, this one has %(length)s. Compare it with the card."
    ),
    IdFault.CHARACTERS: _l("There are characters in the ID number that do not belong there."),
    IdFault.BIRTH_DATE: _l(
        "The birth date inside the ID number does not exist. Compare it with the card."
    ),
    IdFault.CHECK_DIGIT: _l(
        "A digit of the ID number is wrong: its check digit does not fit. Compare it with the card."
    ),
    IdFault.OLD: _l(
        "An old ID number of 15 digits. Check the proposed 18 digits against the present card."
    ),
    IdFault.ROUNDED: _l(
        "Excel has rounded this ID number; its last digits are lost. Set the column "
        "to “Text” and type the numbers again from the source."
    ),
    "id_missing": _l("The ID number is missing. Enter it, or take her without it and say why."),
    "id_twice": _l(
        "The same ID number stands in row %(row)s of “%(sheet)s” (%(name)s). Leave "
        "one of them out or mend it."
    ),
    "person_twice": _l(
        "Row %(row)s of “%(sheet)s” (%(name)s) is the same registered person. Leave "
        "one of them out."
    ),
    "same_name_and_birth": _l(
        "Row %(row)s of “%(sheet)s” has the same name and birth date. Is it the same person?"
    ),
    "likely_double": _l(
        "%(count)s registered people have the same name and the same birth date or "
        "phone. Is it the same person?"
    ),
    "name_missing": _l("The name is missing."),
    "name_hidden_characters": _l("The name holds invisible characters. Check the proposal."),
    "name_lost_character": _l("A rare character of the name was lost: “%(text)s”."),
    "name_two_people": _l("These are two names: “%(text)s”. One line is for one person."),
    "name_too_long": _l("The name is too long."),
    "name_no_letters": _l("This is no name: “%(text)s”."),
    "name_folded": _l("“%(text)s” is read as “%(kept)s”."),
    "name_differs": _l(
        "This ID number belongs to %(known)s in the registry, the roster says "
        "%(text)s. One of the two is wrong."
    ),
    "record_is_merged": _l("This record was merged into another one."),
    "known_as_deceased": _l(
        "The registry says that she has died. Leave the row out, or correct her standing first."
    ),
    "standing_differs": _l(
        "The registry does not have her as registered at present. Check her standing."
    ),
    "birth_missing": _l("No birth date, so no age."),
    "birth_unreadable": _l("“%(text)s” cannot be read as a birth date."),
    "birth_disagrees": _l(
        "The birth date “%(text)s” is not the one in the ID number. Taken: %(of_id)s."
    ),
    "birth_incomplete": _l("“%(text)s” is not a whole date. Enter year, month and day."),
    "birth_ambiguous": _l("“%(text)s” can be read in two ways. Enter the date as 1936-09-27."),
    "sex_unreadable": _l("“%(text)s” is neither 男 nor 女."),
    "sex_disagrees": _l(
        "The roster says %(text)s, the ID number says %(of_id)s. Taken: %(of_id)s."
    ),
    "age_disagrees": _l("The roster says %(text)s years, the birth date says %(age)s."),
    "phone_unreadable": _l(
        "“%(text)s” is not a phone number that can be called. What could not be read is left out."
    ),
    "address_is_number": _l("The address is only a number: “%(text)s”."),
    "hidden_characters": _l("This cell holds invisible control characters."),
    "text_too_long": _l("More than %(limit)s characters. Shorten it."),
    "cell_error": _l("A formula in this cell is broken (%(text)s); it is taken as empty."),
    "cell_is_date": _l(
        "Excel has made a date of this cell (%(text)s). Enter what it should say, such as 5-12."
    ),
    "cell_uncomputed": _l(
        "This cell holds a formula whose result was never stored; it is taken as empty. Open the "
        "file in Excel or WPS, save it and send it again."
    ),
    "category_unknown": _l("Unknown category: %(text)s. Write it as in the table of categories."),
    "mark_unreadable": _l("“%(text)s” is neither yes nor no. Write 是 or 否."),
    "side_ticked": _l(
        "“%(text)s” is ticked, but is no category by itself. If it should count as one, write it "
        "with the categories."
    ),
    "side_not_taken": _l("“%(text)s” is no category; only noted."),
    "note_says_gone": _l("The note says “%(text)s”. Should she still be on the roster?"),
    "area_missing": _l("No community. Enter it, or choose one for the whole file."),
    "area_unknown": _l("There is no community “%(text)s”. Mend it, or enter 街道外."),
    "grid_unknown": _l("There is no grid “%(text)s”."),
}


def describe_findings(sentences: Mapping[str, Any]) -> None:
    """Register what a programme's findings say."""
    _FINDINGS.update(sentences)


def describe_fields(names: Mapping[str, Any]) -> None:
    """Register what a programme calls the values that an import would change."""
    _PROGRAMME_FIELDS.update(names)


_PROGRAMME_FIELDS: dict[str, Any] = {}


def sentence_of(finding: Finding) -> str:
    """What to tell the one who mends the row."""
    text = str(_FINDINGS.get(finding.code, finding.code))
    return text % finding.details if "%(" in text else text


def field_name(name: str) -> str:
    """What a column is called on the screen; columns of ticks by their own head."""
    bare = name.rstrip("'")
    kind, _, head = bare.partition(":")
    if kind in ("tick", "side", "asked"):
        return head
    return str(FIELDS.get(bare) or _PROGRAMME_FIELDS.get(bare) or bare)


def known_codes() -> frozenset[str]:
    """All findings that have a sentence; a test compares them with those made in the source."""
    return frozenset(_FINDINGS)
