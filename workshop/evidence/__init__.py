"""Papers of the workshop: what is attached to what, and who may see, attach and remove it."""

from workshop.evidence import hardship, placements, sessions, ventures

__all__ = ["hardship", "placements", "sessions", "ventures"]
