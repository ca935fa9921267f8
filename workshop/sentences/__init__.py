"""Sentences for the workshop's coded errors: what happened, that nothing is lost, what to do."""

from workshop.sentences import attendance, cohorts, completion, learners, placements, places

__all__ = ["attendance", "cohorts", "completion", "learners", "placements", "places"]
