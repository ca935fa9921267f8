"""Photos of residents: an upload becomes a small, clean JPEG, and nothing else of it is kept."""
