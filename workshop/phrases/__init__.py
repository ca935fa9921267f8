"""Phrases that pages and files build from values: hours, wishes, times, places."""
