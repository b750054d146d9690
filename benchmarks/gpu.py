"""Training on a GPU, as runs do it: beside this machine's processor, beside a plain torch loop on the same card, and what must
hold there as it does on a processor: the same bits, going on from a checkpoint, a smaller batch where memory ends.

`python -m benchmarks.gpu [PART …]`, of the parts below; all of them by default. Without a GPU it says so and ends.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.families import Digits, digits
from benchmarks.measure import write
from benchmarks.plain import step
from core.datasets.encoding import Encoder, WindowEncoder
from core.datasets.encoding.on_disk import RowsOnDisk
from core.datasets.frames import table_from_frame
from core.datasets.ingest import ingest
from core.jobs.tasks import train
from core.jobs.work import Work
from core.models.base import Batch, Objective, build
from core.results import Block, Encoded, Layout, Rows, Run
from core.scoring.trained import Trained
from core.settings import Settings
from core.specs import OBJECTIVES, RECOMMENDED, RunSpec, spec_from_settings
from core.storage.database import migrate
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from core.training import held as holding
from core.training.devices import device_for
from core.training.loop import Trainer

GPU, CPU = torch.device("cuda", 0), torch.device("cpu")
EPOCHS = 3  # of which the first does not count
THREADS = Settings().threads_per_job  # as a run has them
HELD = 2_000  # rows of a table that are held back
MEMBERS = (1, 2, 4, 8)
# columns, hidden width, rows a batch, steps an epoch: from where on a GPU is worth its way
SIZES = (
    *((32, 64, 64, 300), (100, 256, 64, 300), (100, 256, 512, 100), (500, 512, 64, 100), (500, 512, 512, 40)),
    *((500, 2_048, 512, 40), (1_000, 2_048, 1_024, 30)),
)
SLOW = 1_000  # hidden width from which one thread is not waited for
MANY, COLUMNS, LARGE_BATCH = 1_000_000, 50, 1_024
ROOM = 500_000_000  # bytes of the card that a run may take which asks for more


@dataclass
class Found:
    """What is written down: the lines of the main table, notes below it, figures by name."""

    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    record: dict[str, Any] = field(default_factory=dict)

    def note(self, name: str, text: str, figures: Any) -> None:
        """A figure that has no place in the main table."""
        print(f"- {text}", flush=True)
        self.notes.append(f"- {text}")
        self.record.setdefault(name, []).append({"what": text, "figures": figures})


@dataclass(frozen=True)
class Course:
    """How a training went."""

    seconds: float  # an epoch, the median of all but the first
    error: float  # on rows held back, after the last epoch
    weights: dict[str, Tensor]  # best ones


# --- what is trained -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """Rows on both sides, and what is made of them."""

    spec: RunSpec
    data: Rows
    learned: np.ndarray
    held: np.ndarray

    def trainer(self, device: torch.device) -> Trainer:
        torch.manual_seed(self.spec.training.seed)
        network = build(self.spec, self.data.layout)
        return Trainer(network, self.data, self.learned, self.held, self.spec.training, device)


def drawn(count: int, width: int) -> Encoded:
    """Rows from eight hidden factors with noise."""
    generator = np.random.default_rng(0)
    hidden = generator.normal(size=(count, 8)).astype(np.float32)
    values = hidden @ generator.normal(size=(8, width)).astype(np.float32)
    values += 0.1 * generator.normal(size=values.shape).astype(np.float32)
    layout = Layout(tuple(Block(f"x{i}", "squared", i, i + 1) for i in range(width)))
    return Encoded(layout, values, np.broadcast_to(np.True_, values.shape))


def table(model: str = "vanilla", width: int = 32, count: int = 10_000, **settings: Any) -> Task:
    """A table, and the family as it is by default."""
    rows = np.arange(count + HELD)
    spec = spec_from_settings(model, {"epochs": EPOCHS, "patience": 1_000, **settings}, 0)
    return Task(spec, drawn(len(rows), width), rows[HELD:], rows[:HELD])


def images(data: Digits, model: str = "vanilla", count: int = 4_000, **settings: Any) -> Task:
    """Handwritten digits, and the family as the app trains it on images."""
    start = RunSpec(layers="convolutional")
    spec = spec_from_settings(model, {"epochs": EPOCHS, "patience": 1_000, "learning_rate": 2e-3, **settings}, 0, start)
    return Task(spec, data.rows, data.train[:count], data.held)


def windows(layers: str, **settings: Any) -> Task:
    """2,000 windows of 64 steps and 6 channels."""
    steps = table_from_frame(drawn(2_064, 6).values)
    encoder = WindowEncoder(length=64, step=Encoder.fit(steps))
    rows = np.arange(2_000)
    start = RunSpec(layers=layers)
    spec = spec_from_settings("vanilla", {"epochs": EPOCHS, "patience": 1_000, **settings}, 0, start)
    return Task(spec, encoder.rows(encoder.step.encode(steps), rows), rows[200:], rows[:200])


# --- how it is timed -----------------------------------------------------------------------------------


def ours(task: Task, device: torch.device) -> Course:
    """As a run trains."""
    trainer = task.trainer(device)
    stamps, error = [time.perf_counter()], 0.0
    for progress in trainer.epochs():  # its losses have left the device: all is computed
        stamps.append(time.perf_counter())
        error = progress.losses["validation"]
    seconds = np.diff(stamps)[1:]
    trainer.use_best()
    return Course(float(np.median(seconds)), error, {name: value.cpu() for name, value in trainer.best.items()})


def plain(task: Task) -> float:
    """Seconds of an epoch as one writes it down, all rows on the GPU from the start. Nothing is validated or kept."""
    torch.manual_seed(0)
    spec, training = task.spec, task.spec.training
    network = build(spec, task.data.layout).to(GPU).train()
    rows = torch.from_numpy(task.data.take(task.learned).values).to(GPU)  # (N, D)
    optimiser = torch.optim.AdamW(network.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay)
    seconds = []
    for _ in range(EPOCHS):
        wait()
        began = time.perf_counter()
        for part in torch.randperm(len(rows), device=GPU).split(training.batch_size):
            step(network, optimiser, shown(spec.objective, network, rows[part]), training.clip)
        wait()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[1:])


def shown(objective: str, network: Objective, values: Tensor) -> Batch:
    """A batch as the family shows it, with noise that is drawn where the rows are."""
    if objective == "variational":
        return Batch(values, None, noise=torch.randn(len(values), network.layers.code.out_features, device=GPU))
    if objective == "contractive":
        return Batch(values, None, noise=torch.randn_like(values))
    if objective == "denoising":
        return Batch(values, None, values + network.settings.strength * torch.randn_like(values))
    if objective == "masked":
        group = network.group
        hidden = (torch.rand(len(values), int(group.max()) + 1, device=GPU) < network.settings.hidden_share)[:, group]
        return Batch(values, None, values.masked_fill(hidden, 0.0), hidden.float())
    return Batch(values, None)


def wait() -> None:
    """Until the GPU has done what it was asked for."""
    if GPU.type == "cuda":
        torch.cuda.synchronize()


@contextmanager
def threads(count: int) -> Iterator[None]:
    """So many of torch's."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    yield
    torch.set_num_threads(before)


# --- parts ---------------------------------------------------------------------------------------------


def families(found: Found) -> None:
    """Each family on a table and on images, and the layers for series: GPU, processor, plain loop."""
    data = digits()
    tasks = {f"{name}, table": table(name) for name in OBJECTIVES}
    tasks |= {f"{name}, images": images(data, name) for name in OBJECTIVES}
    tasks |= {f"vanilla, series, {layers}": windows(layers) for layers in ("convolutional_1d", "gru", "lstm")}
    for name, task in tasks.items():
        here, there, loop = ours(task, GPU), ours(task, CPU), plain(task)
        auto = device_for(task.spec, task.data.layout.row_shape).type
        cells = [f"{seconds:.3f}" for seconds in (here.seconds, there.seconds)]
        cells += [f"{there.seconds / here.seconds:.2f}", auto, f"{loop:.3f}", f"{loop / here.seconds:.2f}"]
        found.rows.append([name, *cells, f"{here.error:.4f}", f"{there.error:.4f}"])
        print(found.rows[-1], flush=True)
        figures = {"gpu_seconds": here.seconds, "cpu_seconds": there.seconds, "plain_gpu_seconds": loop, "auto": auto}
        figures |= {"gpu_error": here.error, "cpu_error": there.error}
        found.record.setdefault("families", []).append({"what": name, **figures})


def sizes(found: Found) -> None:
    """From which size on a table's network is faster on the GPU."""
    for width, hidden, batch, steps in SIZES:
        task = table(width=width, count=steps * batch, hidden_width=hidden, batch_size=batch, bottleneck=width // 3)
        times = {"the GPU": ours(task, GPU).seconds, "the plain loop there": plain(task)}
        times[f"{THREADS} threads"] = ours(task, CPU).seconds
        if hidden < SLOW:
            with threads(1):
                times["one thread"] = ours(task, CPU).seconds
        here, loop, *processor = times.values()
        each = ", ".join(f"{name} {1e6 * seconds / steps:,.0f}" for name, seconds in times.items())
        text = (
            f"{width:,} columns, hidden width {hidden:,}, batches of {batch:,}, µs a step: {each}. The GPU is "
            f"**{min(processor) / here:.2f}** times as fast as the processor, **{loop / here:.2f}** times as the loop."
        )
        found.note("sizes", text, times)


def precision(found: Found) -> None:
    """bfloat16 beside float32."""
    data = digits()
    tasks: dict[str, Callable[[str], Task]] = {
        "digits, batches of 64": lambda p: images(data, precision=p),
        "digits, batches of 512": lambda p: images(data, precision=p, batch_size=512),
        "digits, 64 channels, batches of 512": lambda p: images(data, precision=p, batch_size=512, channels=64),
        "digits, 256 channels, batches of 512": lambda p: images(data, precision=p, batch_size=512, channels=256),
        "table, 500 columns, hidden width 2,048, batches of 512": lambda p: table(
            width=500, hidden_width=2_048, batch_size=512, precision=p
        ),
    }
    for name, made in tasks.items():
        whole, half = ours(made("float32"), GPU), ours(made("bfloat16"), GPU)
        text = (
            f"{name}: float32 {whole.seconds:.3f} s an epoch, error {whole.error:.4f}; bfloat16 {half.seconds:.3f} s, error "
            f"{half.error:.4f}; float32 by bfloat16 **{whole.seconds / half.seconds:.2f}**."
        )
        found.note("precision", text, {"float32": whole.seconds, "bfloat16": half.seconds})


def ensembles(found: Found) -> None:
    """What K members at once cost."""
    data = digits()
    tasks: dict[str, Callable[[int], Task]] = {
        "table, vanilla": lambda k: table(members=k),
        "table, denoising": lambda k: table("denoising", members=k),
        "table, sparse": lambda k: table("sparse", members=k),
        "images, vanilla, auto": lambda k: images(data, members=k),
        "images, vanilla, float32": lambda k: images(data, members=k, precision="float32"),
    }
    for name, made in tasks.items():
        seconds = [ours(made(count), GPU).seconds for count in MEMBERS]
        ratios = [f"{each / seconds[0]:.2f}" for each in seconds]
        text = f"{name}: {', '.join(map(str, MEMBERS))} members at once cost {', '.join(ratios)} times one member."
        found.note("ensembles", text, seconds)


def larger(found: Found) -> None:
    """Rows that stay in memory, or on disk, beside the same on the card."""
    spec = table(batch_size=LARGE_BATCH, epochs=3).spec
    rows = drawn(MANY, COLUMNS)
    split = np.arange(MANY // 10, MANY), np.arange(MANY // 10)
    on_card = ours(Task(spec, rows, *split), GPU)
    share, holding.SHARE = holding.SHARE, 0.0
    in_memory = ours(Task(spec, rows, *split), GPU)
    with TemporaryDirectory() as folder:
        parts = (rows.take(slice(at, at + 20_000)) for at in range(0, MANY, 20_000))
        on_disk = ours(Task(spec, RowsOnDisk.write(rows.layout, parts, Path(folder)), *split), GPU)
        holding.SHARE = share
        parts = (rows.take(slice(at, at + 20_000)) for at in range(0, MANY, 20_000))
        usual = ours(Task(spec, RowsOnDisk.write(rows.layout, parts, Path(folder)), *split), GPU)
    text = (
        f"{MANY:,} × {COLUMNS} in batches of {LARGE_BATCH:,}: {on_card.seconds:.2f} s an epoch from the card; sent from pinned "
        f"memory **{on_card.seconds / in_memory.seconds:.2f}** times as fast, read from disk and sent "
        f"**{on_card.seconds / on_disk.seconds:.2f}**, on disk where the card has room "
        f"**{on_card.seconds / usual.seconds:.2f}**. Errors {on_card.error:.5f}, {in_memory.error:.5f}, {on_disk.error:.5f}, "
        f"{usual.error:.5f}."
    )
    every = {"card": on_card, "memory": in_memory, "disk": on_disk, "disk_with_room": usual}
    found.note("larger", text, {name: course.seconds for name, course in every.items()})


def bits(found: Found) -> None:
    """The same seed twice, and a training that goes on from a checkpoint."""
    data = digits()
    few: dict[str, Any] = {"count": 1_024, "epochs": 3}
    tasks = {f"{name}, table": table(name, **few) for name in OBJECTIVES}
    tasks |= {f"{name}, images": images(data, name, **few) for name in OBJECTIVES}
    tasks |= {f"{layers}, series": windows(layers, epochs=3) for layers in ("convolutional_1d", "gru", "lstm")}
    tasks |= {
        "dropout, table": table(**few, dropout=0.2),
        "dropout, images": images(data, **few, dropout=0.2),
        "batch normalisation, images": images(data, **few, normalisation="batch"),
        "bfloat16, images": images(data, **few, precision="bfloat16"),
        "3 members, dropout, table": table("denoising", **few, members=3, dropout=0.2),
        "3 members, images": images(data, **few, members=3),
        "a rate that is looked for, dropout": table(**few, dropout=0.2, find_rate=True),
        "likelihood, table": table("variational", **few, number_loss="likelihood"),
        "trimmed, table": table(**few, trim=0.1),
    }
    for name, task in tasks.items():
        first, again, resumed = last_weights(task), last_weights(task), last_weights(task, stop=True)
        equal, goes_on = same(first, again), same(first, resumed)
        apart = max(float((first[key] - again[key]).abs().max()) for key in first)
        text = f"{name}: the same seed twice gives {words(equal)}; going on from a checkpoint {words(goes_on)}."
        found.note(
            "bits", text + ("" if equal else f" Apart by up to {apart:.1e}."), {"same": equal, "resumed": goes_on}
        )


def last_weights(task: Task, stop: bool = False) -> dict[str, Tensor]:
    """Of the last epoch. stop: whether another trainer goes on after the first epoch."""
    trainer = task.trainer(GPU)
    going = trainer.epochs()
    next(going)
    if stop:
        blobs = trainer.checkpoint()
        torch.rand(7), torch.rand(7, device=GPU)  # what happens in between must not matter
        trainer = task.trainer(GPU)
        trainer.restore(blobs)
        going = trainer.epochs()
    for _ in going:
        pass
    return {name: value.detach().cpu().clone() for name, value in trainer.network.state_dict().items()}


def same(some: dict[str, Tensor], others: dict[str, Tensor]) -> bool:
    return all(torch.equal(some[name], others[name]) for name in some)


def words(equal: bool) -> str:
    return "the same bits" if equal else "**other bits**"


@contextmanager
def deployment() -> Iterator[tuple[Store, Path]]:
    """A store of its own, and a folder for files."""
    with TemporaryDirectory() as folder:
        made = Settings(home=Path(folder) / "home")
        migrate(made)
        store = Store.open(made)
        yield store, Path(folder)
        store.close()


def added(store: Store, folder: Path, rows: Encoded) -> str:
    """The id of a dataset of these rows."""
    path = folder / "rows.csv"
    header = ",".join(rows.layout.columns)
    np.savetxt(path, rows.values, "%.5f", ",", header=header, comments="")
    return ingest(store, path, "rows").id


def finished(store: Store, dataset: str, spec: RunSpec) -> Run:
    """A run, its job done here."""
    run = store.runs.submit(dataset, spec)
    job = claim(store.engine, "here", 600)
    assert job is not None
    train.run(Work(job, store, Fence(store.engine, job.id, job.attempt)))
    for waiting in store.jobs.find(("queued",)):
        store.jobs.request(waiting.id, "cancel")
    return store.runs.get(run.id)


def memory(found: Found) -> None:
    """A batch that the card has no room for. No other part may hold memory of it."""
    torch.cuda.empty_cache()
    with deployment() as (store, folder):
        dataset = added(store, folder, drawn(40_000, 20))
        wanted = {"hidden_width": 1_024, "depth": 2, "batch_size": 16_384, "epochs": 3, "device": "cuda"}
        total = torch.cuda.get_device_properties(GPU).total_memory
        torch.cuda.set_per_process_memory_fraction(ROOM / total, GPU)
        began = time.perf_counter()
        run = finished(store, dataset, spec_from_settings("vanilla", wanted, 0))
        torch.cuda.set_per_process_memory_fraction(1.0, GPU)
        said = next((notice for notice in run.summary["notices"] if "memory" in notice), "nothing was said")
        text = (
            f"40,000 × 20, hidden widths from 1,024, batches of 16,384 and {ROOM / 1e9:g} GB of the card: the run is "
            f"{run.state} after {run.summary['epochs']} epochs and {time.perf_counter() - began:.1f} s: {said}."
        )
        found.note("memory", text, {"state": run.state, "notices": run.summary["notices"]})


def scoring(found: Found) -> None:
    """Scores of a run that the GPU trained: on the processor and on the GPU, one by one and all at once."""
    data = digits()
    for name in OBJECTIVES:
        for sort, task in (("table", table(name, count=2_000)), ("images", images(data, name, count=1_024))):
            trainer = task.trainer(GPU)
            for _ in trainer.epochs():
                pass
            trainer.use_best()
            trained = Trained(Encoder(parts=()), trainer.network, task.spec)
            asked = task.data.take(task.held)
            there = trained.scores(asked)
            some = np.arange(0, len(asked), 20)
            alone = {device: [] for device in ("gpu", "cpu")}
            alone["gpu"] = [trained.scores(asked.take(np.array([row])))[0] for row in some]
            trainer.network.to("cpu")
            here = trained.scores(asked)
            alone["cpu"] = [trained.scores(asked.take(np.array([row])))[0] for row in some]
            apart = float(np.max(np.abs(here - there) / np.abs(here)))
            equal = np.array_equal(alone["gpu"], there[some]), np.array_equal(alone["cpu"], here[some])
            text = (
                f"{name}, {sort}: scores on the processor and on the GPU differ by up to {apart:.1e} of themselves; one by one "
                f"and all at once they have {words(equal[0])} on the GPU, {words(equal[1])} on the processor."
            )
            found.note("scoring", text, {"apart": apart, "alone_gpu": equal[0], "alone_cpu": equal[1]})


def whole(found: Found) -> None:
    """A run with the recommended detector, from its start to its results."""
    with deployment() as (store, folder):
        dataset = added(store, folder, drawn(20_000, 32))
        runs = {}
        for device in ("cuda:0", "cpu"):
            spec = RunSpec(scorer=RECOMMENDED).changed({"device": device, "epochs": 20, "patience": 1_000})
            runs[device] = finished(store, dataset, spec)
        each = {name: (run.summary["seconds"], run.summary["train_seconds"]) for name, run in runs.items()}
        (gpu, gpu_train), (cpu, cpu_train) = each["cuda:0"], each["cpu"]
        text = (
            f"20,000 × 32 with the recommended detector and 20 epochs of the network that explains: {gpu:.1f} s with the GPU, of "
            f"which {gpu_train:.1f} in those epochs; {cpu:.1f} s without, of which {cpu_train:.1f}; **{cpu / gpu:.2f}** times as "
            "fast. The detector learns on the processor in both."
        )
        found.note("whole", text, {"cuda": each["cuda:0"], "cpu": each["cpu"]})


PARTS: dict[str, Callable[[Found], None]] = {
    "families": families,
    "sizes": sizes,
    "precision": precision,
    "ensembles": ensembles,
    "larger": larger,
    "bits": bits,
    "memory": memory,
    "scoring": scoring,
    "whole": whole,
}


def main() -> None:
    """Measure, print, keep."""
    if not torch.cuda.is_available():
        print("There is no GPU here that torch can use: nothing to measure.")
        return
    torch.set_num_threads(THREADS)
    found = Found()
    for name in sys.argv[1:] or PARTS:
        began = time.perf_counter()
        PARTS[name](found)
        print(f"{name}: {time.perf_counter() - began:.0f} s", flush=True)
    card = torch.cuda.get_device_name(GPU)
    notes = [
        f"{card}, torch {torch.__version__}; the processor with the {THREADS} threads that a run has here. Seconds of an epoch, "
        f"the median of {EPOCHS - 1} after one that does not count, in one process.",
        "",
        f"Table: 10,000 rows of 32 columns and {HELD:,} held back, batches of 64, networks as they are by default. Images: "
        "4,000 handwritten digits and 1,000 held back, convolutional, batches of 64. The plain loop is what one writes in a "
        "notebook: the same network and loss on the same card in float32, all rows and all noise there from the start, torch's "
        "AdamW and clipping; it validates and keeps nothing. Ratios above 1 are in favour of our training on the GPU.",
        "",
        *found.notes,
    ]
    header = ["family, rows", "GPU, s", "processor, s", "ratio", "auto takes", "plain loop on the GPU, s", "ratio"]
    header += ["error, GPU", "error, processor"]
    write("gpu", "Training on a GPU", notes, header, found.rows, {"card": card, **found.record})


if __name__ == "__main__":
    main()
