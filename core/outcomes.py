"""How a page does what was asked: the verb runs, and what a rule says is told where it belongs."""

from collections.abc import Callable
from typing import Any

from flask import flash

from core.edge import sentence
from core.errors import RuleError


def attempt(verb: Callable[[], Any], done: str | None = None) -> bool:
    """Do it and say so; when a rule says no, say what it says. For buttons that lead back."""
    try:
        verb()
    except RuleError as error:
        flash(sentence(error), "error")
        return False
    if done:
        flash(done, "success")
    return True


def saved(form: Any, verb: Callable[[], Any]) -> bool:
    """Do what a valid form asks for; when a rule says no, its sentence stands above the form."""
    try:
        verb()
    except RuleError as error:
        form.form_errors.append(sentence(error))
        return False
    return True
