"""From flags to decisions: what people said of rows, and in which order rows are looked at."""
