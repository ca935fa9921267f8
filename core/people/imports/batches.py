"""What an ImportBatch keeps between two looks: the roster as read, and what humans decided."""

import json
import zlib
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from core.people.import_models import ImportBatch
from core.people.imports.importer import Importer, importer_named
from core.people.imports.meaning import Meaning, read_meaning
from core.people.imports.plan import Plan, make_plan
from core.people.roster.values import RawRow, Roster, SheetRead, Skipped


@dataclass
class Content:
    """The roster and the decisions: by row key, and by person id for those who are missing."""

    roster: Roster
    default_area_id: int | None = None
    decisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    stops: dict[str, str] = field(default_factory=dict)

    def pack(self) -> bytes:
        """Compressed; the column encrypts it."""
        data = {
            "sheets": [asdict(s) for s in self.roster.sheets],
            "rows": [r.as_json() for r in self.roster.rows],
            "skipped": [asdict(s) for s in self.roster.skipped],
            "default_area_id": self.default_area_id,
            "decisions": self.decisions,
            "stops": self.stops,
        }
        return zlib.compress(json.dumps(data, ensure_ascii=False).encode())

    @classmethod
    def unpack(cls, packed: bytes) -> "Content":
        data = json.loads(zlib.decompress(packed))
        sheets = tuple(
            SheetRead(**{**s, "titles": tuple(s["titles"]), "columns": tuple(map(tuple, s["columns"]))})
            for s in data["sheets"]
        )  # fmt: skip
        roster = Roster(
            sheets,
            tuple(RawRow.from_json(r) for r in data["rows"]),
            tuple(Skipped(**s) for s in data["skipped"]),
        )
        return cls(roster, data["default_area_id"], data["decisions"], data["stops"])

    def meaning(self, importer: Importer, today: date) -> Meaning:
        """What the cells mean, as they are mended now."""
        return read_meaning(self.roster, importer, today, self.decisions)

    def plan(
        self, importer: Importer, today: date, site_id: int | None, meaning: Meaning | None = None
    ) -> Plan:
        """What would be done now. meaning: read before, where it is at hand."""
        return make_plan(
            self.roster, meaning or self.meaning(importer, today), importer, today,
            stops=self.stops, site_id=site_id, default_area_id=self.default_area_id,
        )  # fmt: skip


def plan_of(batch: ImportBatch, today: date) -> Plan:
    """The plan of an open batch as of today."""
    assert batch.content is not None, "only an open batch has content"
    return Content.unpack(batch.content).plan(importer_named(batch.importer), today, batch.site_id)
