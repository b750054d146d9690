"""Blocks for datasets of images."""
