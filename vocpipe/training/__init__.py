"""Train and evaluate models; needs the `train` extra."""
