"""What the workshop's lists show: their filters as one statement, and what each row says besides."""
