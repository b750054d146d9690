"""A bare interpreter under a memory limit for one job: `python -m core.jobs.bare JOB ATTEMPT`."""

from __future__ import annotations

import resource
import sys

from core.jobs.logs import log_to_stderr
from core.jobs.worker import run_and_exit
from core.settings import settings


def main() -> None:
    """Limit the address space, then do the job."""
    limit = settings().ingest_memory_mb * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    log_to_stderr()
    run_and_exit(settings(), sys.argv[1], int(sys.argv[2]))


if __name__ == "__main__":
    main()
