"""What the partial `_evidence.html` shows of one subject: its papers and what this actor may do."""

from collections.abc import Collection
from dataclasses import dataclass

from core.access import Actor
from core.evidence.actions import lists_of
from core.evidence.models import Attachment
from core.evidence.subjects import kind_of


@dataclass(frozen=True)
class Box:
    """The papers of a subject. may_see: whether they are shown at all."""

    subject: str
    papers: tuple[Attachment, ...]
    may_see: bool
    may_attach: bool
    may_remove: bool

    @property
    def anchor(self) -> str:
        """The id of the block on its page."""
        return "papers-" + "".join(c if c.isalnum() else "-" for c in self.subject)

    @property
    def present(self) -> tuple[Attachment, ...]:
        return tuple(row for row in self.papers if row.removed_at is None)

    @property
    def removed(self) -> tuple[Attachment, ...]:
        return tuple(row for row in self.papers if row.removed_at is not None)


def boxes(subjects: Collection[str], by: Actor) -> dict[str, Box]:
    """The boxes of several subjects, with one query for their papers."""
    papers = lists_of(subjects)
    return {subject: _box(subject, papers[subject], by) for subject in subjects}


def _box(subject: str, papers: list[Attachment], by: Actor) -> Box:
    kind, key = kind_of(subject)
    may_see = bool(kind.may_see(key, by))
    return Box(
        subject, tuple(papers) if may_see else (), may_see, bool(kind.may_attach(key, by)),
        bool(kind.may_remove(key, by)),
    )  # fmt: skip
