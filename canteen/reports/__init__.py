"""The canteen's service report: what is read, what is counted, what is checked, how it is written."""
