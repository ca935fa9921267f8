"""The shape of what the canteen's pages take in, turned into typed values."""
