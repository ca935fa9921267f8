"""Lists as .xlsx, as the page shows them; each export stands in the log."""
