"""Logs as lines of JSON on standard error. Whatever looks like an ID or phone number is masked."""

import logging
import re
import sys
from typing import Any

import structlog

# An ID number (18 digits, X at the end, or the old 15), a card code of 17, a mobile phone.
_LONG = re.compile(r"(?<![0-9A-Za-z-])\d{14,17}[\dXx]?(?![0-9A-Za-z-])")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def mask(text: str) -> str:
    """The same text with long numbers hidden but for their ends."""
    text = _LONG.sub(lambda match: f"{match[0][:2]}…{match[0][-2:]}", text)
    return _PHONE.sub(lambda match: f"{match[0][:3]}…{match[0][-2:]}", text)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return (
        value
        if isinstance(value, int | float | bool | None) and abs(value or 0) < 10**13
        else mask(str(value))
    )


def _mask_event(_logger: Any, _name: str, event: Any) -> Any:
    return {key: _masked(value) for key, value in event.items()}


class _MaskingFormatter(logging.Formatter):
    """For libraries that log in their own way."""

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


def configure() -> None:
    """Set up structlog and the standard library's root logger; safe to call again."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask_event,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    if not any(isinstance(handler.formatter, _MaskingFormatter) for handler in root.handlers):
        handler = logging.StreamHandler()
        handler.setFormatter(_MaskingFormatter("%(levelname)s %(name)s %(message)s"))
        root.addHandler(handler)
        root.setLevel(logging.WARNING)
