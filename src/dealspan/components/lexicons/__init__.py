"""Data of the rule-based components, one file each."""
