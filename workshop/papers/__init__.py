"""What is printed: certificates, timetables, sign-in sheets; drawn by the worker."""
