"""The workshop's monthly report: what is read, what is counted, what is checked, how it is written."""
