"""One file a kind of job: `run(work) -> result`, or None where the task has ended the job itself."""
