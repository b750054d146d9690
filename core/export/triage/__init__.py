"""Flagged rows with what was said of them, as files that people work on, and the verdicts out of such a file back into the log."""
