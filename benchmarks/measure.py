"""How things are timed here, and how the figures are written down."""

from __future__ import annotations

import json
import os
import platform
import statistics
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
