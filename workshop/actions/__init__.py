"""Every verb of the workshop that changes rows, one transaction each."""
