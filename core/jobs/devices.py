"""The devices of this machine, found without importing torch: a supervisor publishes them for the pages."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess

from core.results import Device
from core.settings import Settings, machine_memory

ASK = ("--query-gpu=name,uuid,memory.total", "--format=csv,noheader,nounits")
PATIENCE = 20.0  # seconds
log = logging.getLogger("hourglass.devices")


def devices(settings: Settings) -> tuple[Device, ...]:
    """GPUs first, then the CPU."""
    threads = settings.threads_per_job
    memory = machine_memory()
    cpu = Device("cpu", f"CPU, {threads} thread{'' if threads == 1 else 's'}", memory)
    return (*_gpus(), cpu)


def _gpus() -> tuple[Device, ...]:
    """In the order in which torch counts them. A driver that does not answer is told in the log: there is a CPU."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return ()
    try:
        asked = subprocess.run(  # noqa: S603
            [command, *ASK], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        log.warning("nvidia-smi does not answer, so no GPU is used: %s", error)
        return ()
    if asked.returncode != 0:
        log.warning("nvidia-smi failed, so no GPU is used: %s", asked.stdout.strip() or asked.stderr.strip())
        return ()
    rows = [[cell.strip() for cell in line.rsplit(",", 2)] for line in asked.stdout.strip().splitlines()]
    seen = visible([uuid for _, uuid, _ in rows], os.environ.get("CUDA_VISIBLE_DEVICES"))
    return tuple(Device(f"cuda:{i}", rows[at][0], _bytes(rows[at][2])) for i, at in enumerate(seen))


def visible(uuids: list[str], wanted: str | None) -> list[int]:
    """Which cards programs here may use, in their order: nvidia-smi names all. wanted: CUDA_VISIBLE_DEVICES, numbers or the
    beginnings of names; what names no card ends the list, as it does for CUDA."""
    if wanted is None:
        return list(range(len(uuids)))
    out: list[int] = []
    for word in (part.strip() for part in wanted.split(",")):
        if word.isdigit():
            found = [int(word)] if int(word) < len(uuids) else []
        else:
            found = [at for at, uuid in enumerate(uuids) if word and uuid.startswith(word)]
        if len(found) != 1:
            break
        out += found
    return out


def _bytes(mebibytes: str) -> int:
    """Of a card that shares the machine's memory it says no number."""
    return int(float(mebibytes) * 1_048_576) if mebibytes.replace(".", "", 1).isdigit() else machine_memory()
