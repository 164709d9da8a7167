"""The exercises, one file a chapter."""
