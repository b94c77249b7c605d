"""Output: records as JSON, CSV, a table or a page."""
