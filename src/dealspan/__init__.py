"""Reads funding news: who raised what from whom, how sure the text is of it, and where it says so."""
