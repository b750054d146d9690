"""Charts of a profile (core.profiles): what a table holds, a file a question."""
