"""Service cards: issuing, replacing, revoking, and the sheets they are printed on."""
