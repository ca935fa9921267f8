"""A counted report as bytes, and back: what is kept with an issued report, and what is compared.

Personal rows make most of it, so the bytes are compressed here and encrypted by their column.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from core.reports.values import (
    Built,
    Chart,
    Column,
    Dataset,
    Figure,
    Identity,
    Kind,
    Line,
    Measure,
    Period,
    Table,
    Unit,
)


def pack(built: Built) -> bytes:
    """The whole report, compressed. Equal reports give equal bytes."""
    return gzip.compress(_canonical(_plain(built)), mtime=0)


def unpack(content: bytes) -> Built:
    """The report that `pack` was given."""
    return _built(json.loads(gzip.decompress(content)))


def digest(built: Built) -> str:
    """SHA-256 (hex) of all figures and rows, without the moment of counting: equal if nothing changed."""
    plain = _plain(built)
    del plain["built_at"]
    return hashlib.sha256(_canonical(plain)).hexdigest()


def digest_of(content: bytes) -> str:
    """The digest of a packed report, read from its bytes. Raises ValueError for what is none."""
    try:
        plain = json.loads(gzip.decompress(content))
        del plain["built_at"]
    except (OSError, EOFError, zlib.error, KeyError, TypeError) as error:
        raise ValueError("not a packed report") from error
    return hashlib.sha256(_canonical(plain)).hexdigest()


def _canonical(plain: Any) -> bytes:
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _plain(built: Built) -> dict[str, Any]:
    plain = {name: getattr(built, name) for name in Built.__dataclass_fields__}
    plain["period"] = str(built.period)
    plain["built_at"] = built.built_at.isoformat()
    plain["figures"] = [_plain_figure(figure) for figure in built.figures.values()]
    plain["headline"] = asdict(built.headline)
    for name in ("tables", "charts", "identities"):
        plain[name] = [asdict(each) for each in plain[name]]
    plain["datasets"] = [_plain_dataset(each) for each in built.datasets.values()]
    return plain


def _plain_figure(figure: Figure) -> dict[str, Any]:
    where = [(column, [_text(each) for each in values]) for column, values in figure.where]
    return asdict(figure) | {"where": where}


_TO_TEXT = (Kind.DAY, Kind.MOMENT)


def _plain_dataset(data: Dataset) -> dict[str, Any]:
    stored = [column.kind in _TO_TEXT for column in data.columns]
    if any(stored):
        rows: Any = [
            [_text(value) if to_text else value for value, to_text in zip(row, stored, strict=True)]
            for row in data.rows
        ]
    else:
        rows = data.rows
    return {
        "name": data.name, "title": data.title, "columns": list(map(_plain_column, data.columns)),
        "rows": rows, "words": data.words,
    }  # fmt: skip


def _plain_column(column: Column) -> dict[str, Any]:
    """As it always was, so that digests of older reports hold; the mark only where it is set."""
    plain = asdict(column)
    if not column.is_office_only:
        del plain["is_office_only"]
    return plain


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _built(plain: dict[str, Any]) -> Built:
    datasets = {each["name"]: _dataset(each) for each in plain["datasets"]}
    figures = (_figure(each, datasets) for each in plain["figures"])
    return Built(**{
        **plain,
        "period": Period.parse(plain["period"]),
        "built_at": datetime.fromisoformat(plain["built_at"]),
        "figures": {figure.key: figure for figure in figures},
        "headline": _table(plain["headline"]),
        "tables": tuple(map(_table, plain["tables"])),
        "charts": tuple(map(_chart, plain["charts"])),
        "identities": tuple(
            Identity(**{**each, "unit": Unit(each["unit"])}) for each in plain["identities"]
        ),
        "datasets": datasets,
        "definitions": tuple(plain["definitions"]),
        "rules": tuple(plain["rules"]),
    })  # fmt: skip


def _figure(plain: dict[str, Any], datasets: dict[str, Dataset]) -> Figure:
    data = datasets[plain["dataset"]]
    where = tuple(
        (column, tuple(_read(data.columns[data.place(column)].kind, each) for each in values))
        for column, values in plain["where"]
    )
    return Figure(**{
        **plain, "unit": Unit(plain["unit"]), "measure": Measure(**plain["measure"]), "where": where,
    })  # fmt: skip


def _table(plain: dict[str, Any]) -> Table:
    lines = tuple(Line(**{**each, "cells": tuple(each["cells"])}) for each in plain["lines"])
    relations = tuple(tuple(each) for each in plain.get("relations", ()))
    return Table(**{
        **plain, "head": tuple(plain["head"]), "lines": lines, "relations": relations,
    })  # fmt: skip


def _chart(plain: dict[str, Any]) -> Chart:
    series = tuple((name, tuple(keys)) for name, keys in plain["series"])
    return Chart(**{**plain, "labels": tuple(plain["labels"]), "series": series})


_FROM_TEXT: dict[Kind, Callable[[Any], Any]] = {
    Kind.DAY: date.fromisoformat, Kind.MOMENT: datetime.fromisoformat, Kind.SET: tuple,
}  # fmt: skip


def _read(kind: Kind, value: Any) -> Any:
    """A filter's value; a SET is filtered by one of its members."""
    read = None if kind is Kind.SET else _FROM_TEXT.get(kind)
    return read(value) if read and value is not None else value


def _dataset(plain: dict[str, Any]) -> Dataset:
    columns = tuple(Column(**{**each, "kind": Kind(each["kind"])}) for each in plain["columns"])
    readers = [_FROM_TEXT.get(column.kind) for column in columns]
    rows = tuple(
        tuple(
            read(value) if read and value is not None else value
            for value, read in zip(row, readers, strict=True)
        )
        for row in plain["rows"]
    )
    return Dataset(plain["name"], plain["title"], columns, rows, plain["words"])
