"""How things are timed here, and how the figures are written down."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Seconds:
    """What one piece of work took."""

    wall: float
    cpu: float


def timed(work: Callable[[], Any]) -> Seconds:
    """Run it once. With one thread CPU time says what it costs, also where others use the machine."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Seconds(time.perf_counter() - wall, time.process_time() - cpu)


# CPU seconds and the peak of private memory are a process's: what is measured has one.
ALONE = """
import resource, sys, threading, time
from pathlib import Path
peak = 0
def watch():
    global peak
    while True:
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith("RssAnon"))
        peak = max(peak, int(line.split()[1]) // 1000)
        time.sleep(0.02)
threading.Thread(target=watch, daemon=True).start()
def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
{prepare}
wall, cpu = time.perf_counter(), used()
{work}
print(time.perf_counter() - wall, used() - cpu, peak)
"""


@dataclass(frozen=True)
class Cost:
    """What one piece of work took in a process of its own, on one thread."""

    wall: float
    cpu: float
    peak_mb: float  # private memory


def alone(prepare: str, work: str, *arguments: str) -> Cost:
    """Run Python lines in an interpreter of their own; they find the arguments in sys.argv[1:]."""
    command = [sys.executable, "-c", ALONE.format(prepare=prepare, work=work), *arguments]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    out = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **threads}).stdout
    return Cost(*(float(figure) for figure in out.split()))


@dataclass(frozen=True)
class Comparison:
    """Ours and the peer's repeats of the same work, taken in turns."""

    name: str
    rows: int
    ours: tuple[Seconds, ...]
    peer: tuple[Seconds, ...]
    goal: float | None = None

    def ratio(self, clock: str) -> float:
        """How many times as fast ours is: the median over the turns."""
        pairs = zip(self.ours, self.peer, strict=True)
        return statistics.median(getattr(peer, clock) / getattr(ours, clock) for ours, peer in pairs)

    def rate(self, whose: str, clock: str) -> float:
        """Rows a second."""
        return self.rows / statistics.median(getattr(seconds, clock) for seconds in getattr(self, whose))

    def record(self) -> dict[str, Any]:
        """The figures as they are stored."""
        rates = {
            f"{whose}_rows_per_{clock}_second": round(self.rate(whose, clock))
            for whose in ("ours", "peer")
            for clock in ("cpu", "wall")
        }
        ratios = {f"ratio_{clock}": round(self.ratio(clock), 2) for clock in ("cpu", "wall")}
        return {"name": self.name, "turns": len(self.ours), **rates, **ratios, "goal": self.goal}


def in_turns(
    name: str,
    rows: int,
    ours: Callable[[], Seconds],
    peer: Callable[[], Seconds],
    turns: int,
    goal: float | None = None,
) -> Comparison:
    """Measure both alternately, after one turn that does not count."""
    ours(), peer()
    pairs = [(ours(), peer()) for _ in range(turns)]
    return Comparison(name, rows, tuple(a for a, _ in pairs), tuple(b for _, b in pairs), goal)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    cpu = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "processor": cpu[0].partition(":")[2].strip() if cpu else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "load_average": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "torch": version("torch"),
        "numpy": version("numpy"),
    }


def write(name: str, title: str, notes: list[str], header: list[str], rows: list[list[str]], record: Any) -> None:
    """Print the table, and keep it as results/NAME.md and results/NAME.json."""
    where = machine()
    lines = [f"# {title}", "", *notes, "", _line(header), _line(["---"] * len(header)), *map(_line, rows), ""]
    lines.append("Measured on " + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in where.items()) + ".")
    text = "\n".join(lines) + "\n"
    print(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
    (RESULTS / f"{name}.json").write_text(json.dumps({"machine": where, "figures": record}, indent=2) + "\n")


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
