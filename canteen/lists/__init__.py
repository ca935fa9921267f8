"""Lists of the canteen as statements: what a page shows and what its export holds are one statement."""
