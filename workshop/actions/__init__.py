"""Every verb of the workshop that changes rows, one transaction each; no HTTP, no HTML."""

"""Every verb of the workshop that changes rows, one transaction each."""
