"""Pages of tablets and programs, under /office/devices; only administrators come here."""
