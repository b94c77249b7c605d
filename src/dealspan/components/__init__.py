"""Components of the pipeline: each finds one kind of thing on a Doc and works alone in any spaCy pipeline."""
