"""From a Doc to its deals."""
