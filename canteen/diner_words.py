"""What the diner's side of a counter shows and speaks: always Chinese, whatever the staff's screen is in.

Never a category, an illness, "free" or a death. The staff's words stand in `words.py`.
"""

from collections.abc import Mapping
from typing import Any

from canteen.actions.scan import Seen
from canteen.values import Outcome, Refusal
from core.language import chinese as _
from core.people.models import Sex
from core.people.names import split_surname

_DIGITS = "零一二三四五六七八九"


def address(seen: Seen, style: str) -> str:
    """How she is addressed at the counter: her own wish, else her surname and the site's words.

    style: two words, for a woman and for a man, for example 大娘/大爷.
    """
    if seen.address_as:
        return seen.address_as
    surname = split_surname(seen.name)[0] or seen.name
    woman, _slash, man = style.partition("/")
    if seen.sex is None or not man:
        return f"{surname}老人家"
    return surname + (woman if seen.sex is Sex.FEMALE else man)


def diner_sentence(answer: Mapping[str, Any], who: str | None) -> str:
    """What the diner's side says of an answer. who: how she is addressed; None when unknown."""
    if answer["outcome"] == Outcome.SERVED.value:
        return _served_sentence(answer, who)
    if answer["outcome"] == Outcome.ALREADY_SERVED.value:
        return _("You have eaten already. Please ask the staff if something is wrong.")
    refusal = Refusal(answer["reason"])
    if refusal.is_stopped_card:
        return _("This card is not in use. Please ask the staff.")
    if refusal in (Refusal.OUTSIDE_SITTING, Refusal.CLOSED_DAY):
        return _("It is not mealtime now.")
    return _("One moment, please ask the staff.")


def _served_sentence(answer: Mapping[str, Any], who: str | None) -> str:
    fen = answer["meal"]["copay_fen"]
    if "other" in answer:
        who = None  # a guest's or a helper's meal: nobody is addressed by name
    if who and fen:
        return _(
            "%(who)s, please enjoy your meal. To pay: %(amount)s.", who=who, amount=spoken(fen)
        )
    if who:
        return _("%(who)s, please enjoy your meal.", who=who)
    if fen:
        return _("Please enjoy your meal. To pay: %(amount)s.", amount=spoken(fen))
    return _("Please enjoy your meal.")


def spoken(fen: int) -> str:
    """An amount as it is said: 300 → 三元, 1250 → 十二元五角, 205 → 二元零五分."""
    whole, rest = divmod(fen, 100)
    tenth, cent = divmod(rest, 10)
    text = f"{_spoken_number(whole)}元" if whole else ""
    if tenth:
        text += f"{_DIGITS[tenth]}角"
    elif cent and whole:
        text += "零"
    return text + (f"{_DIGITS[cent]}分" if cent else "") or "零元"


def _spoken_number(number: int) -> str:
    """1 to 9999 in Chinese: 12 → 十二, 105 → 一百零五, 2000 → 二千."""
    if number > 9999:
        return str(number)
    text, gap = "", False
    for value, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, value)
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + unit
            gap = False
        elif text:
            gap = True
    return text.removeprefix("一") if text.startswith("一十") else text
