"""The office's own corner: the index of its places and the page of settings."""
