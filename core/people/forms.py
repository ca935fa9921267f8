"""Forms of people: filters of the registry, details, standing, merge, household, reveal, upload."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, SearchField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from core.forms import FilterForm, any_or, choices_of, day_field, select_field, stripped, text_field
from core.people.models import EmergencyContact, Person, Sex, StandingKind
from core.people.values import Contact, Details
from core.people.words import SEX, STANDING
from core.sites.models import Area, AreaLevel, Site

WITHOUT = {
    "card": _l("without a card"),
    "consent": _l("without a consent"),
    "id": _l("without an ID number"),
    "area": _l("without an area"),
}
CONTACTS = 3


def area_choices(areas: Sequence[Area]) -> list[SelectChoice]:
    """The tree of areas in the order of their codes, each with what is above it."""
    return [
        SelectChoice(str(a.id), f"{a.parent.name} {a.name}" if a.level == AreaLevel.GRID and a.parent else a.name)
        for a in areas
    ]  # fmt: skip


class PeopleFilter(FilterForm):
    """Filters of the registry."""

    q = SearchField(
        _l("Name, pinyin or digits"), [Optional(), Length(max=64)], filters=[stripped],
        render_kw={"autocomplete": "off", "maxlength": 64},
    )  # fmt: skip
    area = select_field(_l("Area"), int)
    standing = select_field(_l("Standing"), StandingKind)
    without = select_field(_l("Only those"), str)

    def __init__(self, areas: Sequence[Area]) -> None:
        self._areas = areas
        super().__init__()

    def validate(self, extra_validators: Any = None) -> bool:
        self.area.choices = any_or(area_choices(self._areas), _l("All"))
        self.standing.choices = any_or(choices_of(STANDING), _l("All"))
        self.without.choices = any_or([SelectChoice(*p) for p in WITHOUT.items()], _l("All"))
        return bool(super().validate(extra_validators))


class PersonForm(FlaskForm):
    """What is known of one person."""

    name = text_field(_l("Name"), 50, render_kw={"autocomplete": "off"})
    id_number = text_field(
        _l("ID number"), 30, required=False, render_kw={"autocomplete": "off"},
        description=_l("18 digits; birth date and sex are read from it."),
    )  # fmt: skip
    no_id_reason = text_field(
        _l("Why without an ID number"), 128, required=False,
        description=_l("Only when the number is not known, for example “card lost”."),
    )  # fmt: skip
    sex = select_field(_l("Sex"), Sex)
    birth_on = day_field(_l("Birth date"), required=False)
    phone = text_field(
        _l("Phone"), 32, required=False, render_kw={"inputmode": "tel", "autocomplete": "off"}
    )
    residence_area_id = select_field(_l("Area of residence"), int)
    address = text_field(_l("Address"), 200, required=False, render_kw={"autocomplete": "off"})
    registration_area_id = select_field(_l("Area of registration"), int)
    address_as = text_field(
        _l("How to address"), 16, required=False,
        description=_l("Only when it differs from the site's way, for example 王老师."),
    )  # fmt: skip
    note = TextAreaField(_l("Note"), [Optional(), Length(max=500)], filters=[stripped])

    def __init__(self, areas: Sequence[Area], person: Person | None = None) -> None:
        super().__init__(obj=person)
        self.sex.choices = any_or(choices_of(SEX), _l("not known"))
        offered = [a for a in areas if a.level != AreaLevel.STREET]
        if person is not None:
            # Whoever lives in an area that is no longer offered stays there.
            own = (person.residence_area, person.registration_area)
            offered += [a for a in dict.fromkeys(own) if a is not None and a not in offered]
        choices = area_choices(offered)
        self.residence_area_id.choices = any_or(choices, _l("not known"))
        self.registration_area_id.choices = any_or(choices, _l("not known"))

    def details(self) -> Details:
        """The typed values."""
        return Details(
            name=self.name.data or "",
            sex=self.sex.data,
            birth_on=self.birth_on.data,
            id_number=self.id_number.data or None,
            no_id_reason=self.no_id_reason.data or None,
            phone=self.phone.data or None,
            address=self.address.data or None,
            residence_area_id=self.residence_area_id.data,
            registration_area_id=self.registration_area_id.data,
            address_as=self.address_as.data or None,
            note=self.note.data or None,
        )


class ContactsForm(FlaskForm):
    """Whom to call, the first line first."""

    name_1 = text_field(_l("Name"), 64, required=False)
    relation_1 = text_field(_l("Relation"), 16, required=False)
    phone_1 = text_field(_l("Phone"), 32, required=False, render_kw={"inputmode": "tel"})
    name_2 = text_field(_l("Name"), 64, required=False)
    relation_2 = text_field(_l("Relation"), 16, required=False)
    phone_2 = text_field(_l("Phone"), 32, required=False, render_kw={"inputmode": "tel"})
    name_3 = text_field(_l("Name"), 64, required=False)
    relation_3 = text_field(_l("Relation"), 16, required=False)
    phone_3 = text_field(_l("Phone"), 32, required=False, render_kw={"inputmode": "tel"})

    @classmethod
    def of(cls, contacts: Sequence[EmergencyContact]) -> "ContactsForm":
        data: dict[str, Any] = {}
        for number, contact in enumerate(contacts[:CONTACTS], 1):
            data |= {f"name_{number}": contact.name, f"relation_{number}": contact.relation,
                     f"phone_{number}": contact.phone}  # fmt: skip
        return cls(data=data)

    def contacts(self) -> list[Contact]:
        """The lines that name somebody."""
        lines = [
            Contact(self[f"name_{n}"].data or "", self[f"relation_{n}"].data or "", self[f"phone_{n}"].data or None)
            for n in range(1, CONTACTS + 1)
        ]  # fmt: skip
        return [contact for contact in lines if contact.name]


class StandingForm(FlaskForm):
    """A new standing and its first day."""

    kind = select_field(_l("Standing"), StandingKind)
    since_on = day_field(_l("First day"))
    note = text_field(_l("What is known"), 200, required=False)

    def __init__(self, present: StandingKind, **more: Any) -> None:
        super().__init__(**more)
        self.kind.choices = choices_of(STANDING, [kind for kind in STANDING if kind != present])


class PhotoForm(FlaskForm):
    """A photo from a file or, on a phone, straight from its camera."""

    # Named so, a phone hands over a JPEG instead of the HEIC it keeps for itself.
    file = FileField(_l("Photo from a file"), render_kw={"accept": "image/jpeg,image/png"})
    camera = FileField(
        _l("Take a photo"), render_kw={"accept": "image/*", "capture": "environment"}
    )

    @property
    def upload(self) -> bytes:
        """What was sent, whichever of the two it came by; empty without a file."""
        sent = self.camera.data or self.file.data
        return bytes(sent.read()) if sent else b""


class ConsentForm(FlaskForm):
    """When a consent was signed, and who keeps the paper."""

    signed_on = day_field(_l("Signed on"))
    note = text_field(
        _l("Who keeps the paper"), 200, required=False,
        description=_l("For example: original in the community's filing cabinet, folder 3."),
    )  # fmt: skip


class WithdrawalForm(FlaskForm):
    """When a consent was withdrawn, and how."""

    on = day_field(_l("Withdrawn on"))
    note = text_field(
        _l("How it was withdrawn"), 200, required=False,
        description=_l("For example: by telephone, told by her daughter."),
    )  # fmt: skip


class MergeForm(FlaskForm):
    """Into which record, and why."""

    into = StringField(
        _l("Number of the record that stays"), [InputRequired(), Length(max=12)], filters=[stripped],
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip
    reason = text_field(_l("Reason"), 200)


class HouseholdForm(FlaskForm):
    """Who else lives there."""

    other = StringField(
        _l("Number of the other person"), [InputRequired(), Length(max=12)], filters=[stripped],
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip


class UploadForm(FlaskForm):
    """A roster and where its people belong."""

    file = FileField(_l("Roster (.xlsx)"), render_kw={"accept": ".xlsx"})
    importer = select_field(_l("Import as"), str)
    site = select_field(_l("Site"), int)
    area = select_field(_l("Community"), int)

    def __init__(
        self, importers: Sequence[SelectChoice], sites: Sequence[Site], areas: Sequence[Area]
    ) -> None:
        super().__init__()
        self.importer.choices = list(importers)
        self.site.choices = any_or(
            [SelectChoice(str(s.id), s.name) for s in sites], _l("by community")
        )
        wide = [a for a in areas if a.level in (AreaLevel.COMMUNITY, AreaLevel.OUTSIDE)]
        self.area.choices = any_or(area_choices(wide), _l("as the file says"))


class ConfirmForm(FlaskForm):
    """What was seen when somebody confirmed."""

    seen = HiddenField(validators=[InputRequired(), Length(max=64)])
