"""Language of a request: the account's, the browser session's, or the office's. English msgids."""

from functools import cache
from typing import Any

from babel import Locale
from babel.support import NullTranslations, Translations
from flask import current_app, g, has_request_context, request, session
from flask_babel import Babel

from core.config import ROOT

LANGUAGES = {"zh_Hans": "中文", "en": "English"}
_LOCALES = {name: Locale.parse(name) for name in LANGUAGES}
babel = Babel()


def selected() -> Locale:
    """The locale of this request as Flask-Babel wants it, parsed once."""
    return _LOCALES[locale()]


def locale() -> str:
    """The locale of this request, one of LANGUAGES."""
    if has_request_context():
        from core.accounts.sessions import current_session

        chosen = request.args.get("lang") if request.path.startswith("/verify/") else None
        actor = g.get("actor")
        row = current_session() if actor and actor.user_id is not None else None
        for language in (chosen, row.user.language if row else None, session.get("language")):
            if language in LANGUAGES:
                return str(language)
    return str(current_app.config["DEFAULT_LANGUAGE"])


def chinese(message: str, **values: Any) -> str:
    """A sentence in Chinese, whatever the request's language: it is not even asked for."""
    text = str(_catalogue().gettext(message))
    return text % values if values else text


@cache
def _catalogue() -> NullTranslations:
    return Translations.load(str(ROOT / "translations"), ["zh_Hans"])
