"""The devices of this machine, found without importing torch: a supervisor publishes them for the pages."""

from __future__ import annotations

import shutil
import subprocess

from core.results import Device
from core.settings import Settings, machine_memory


def devices(settings: Settings) -> tuple[Device, ...]:
    """GPUs first, then the CPU."""
    threads = settings.threads_per_job
    memory = machine_memory()
    cpu = Device("cpu", f"CPU, {threads} thread{'' if threads == 1 else 's'}", memory)
    return (*_gpus(), cpu)


def _gpus() -> tuple[Device, ...]:
    command = shutil.which("nvidia-smi")
    if command is None:
        return ()
    asked = subprocess.run(  # noqa: S603
        [command, "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    if asked.returncode != 0:
        return ()
    rows = [line.rsplit(",", 1) for line in asked.stdout.strip().splitlines()]
    return tuple(
        Device(f"cuda:{i}", name.strip(), int(float(memory) * 1_048_576)) for i, (name, memory) in enumerate(rows)
    )
