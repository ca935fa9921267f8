"""A whole instance in one file, and back: `archive` makes and checks, `restoring` puts back, `stores` speaks
to the two engines."""
