"""Delimited text, step by step: bytes → letters → dialect → records → table. The reader that tells the story is
`core.datasets.readers.delimited`."""
