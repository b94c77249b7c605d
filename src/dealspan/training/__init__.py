"""From the corpus to the models that dealspan ships; needs the extra `train`."""
