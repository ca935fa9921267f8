"""Imports: a roster becomes a plan that a human reads, mends and confirms, all or nothing."""
