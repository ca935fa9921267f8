"""Decisions of the workshop on plain values: no database, no Flask, no clock."""
