"""Results as files that other people open."""
