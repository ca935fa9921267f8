"""The shape of what is typed into the workshop's pages, turned into typed values."""
