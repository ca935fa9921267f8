"""Pages of the accounts, under /office/users; only administrators come here."""
