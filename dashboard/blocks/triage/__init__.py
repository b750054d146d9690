"""Blocks for deciding on rows: what is said of one, the queue, how far the review is."""
