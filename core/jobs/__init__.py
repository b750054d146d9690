"""Slow work: a supervisor claims jobs from the queue in core.storage.jobs and has workers do them."""
