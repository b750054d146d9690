"""A bare interpreter under a memory limit for one job: `python -m core.jobs.bare JOB ATTEMPT`."""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile

from core.jobs.logs import log_to_stderr
from core.jobs.worker import run_and_exit
from core.settings import settings


def main() -> None:
    """Limit the address space, say where temporary files go, then do the job."""
    deployment, job_id = settings(), sys.argv[1]
    limit = deployment.ingest_memory_mb * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    # On the disk whose room was looked at, and known by the job's name: what a killed attempt left there goes.
    scratch = deployment.home / "scratch" / job_id
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    tempfile.tempdir = str(scratch)
    log_to_stderr()
    run_and_exit(deployment, job_id, int(sys.argv[2]))


if __name__ == "__main__":
    main()
