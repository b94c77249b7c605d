"""The annotated corpus: written articles in files, real ones as stand-off, checked, counted and converted."""
