"""Pure functions over French text: cleaning, redaction, segmentation, tokens, lemmas."""
