"""Input: files, streams and pages become `Article` values."""
