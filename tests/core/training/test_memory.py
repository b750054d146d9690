"""A machine without memory left, for real: the address space of a process of its own is limited."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch

from core.errors import OutOfMemory
from core.models.memory import memory_in_words
from core.training import loop
from tests.core.training.test_loop import trainer

# One process imports what all need, and each case is a child of it.
SCRIPT = """
import json
import os
import resource
import sys
import traceback
import numpy as np
import torch
from core.datasets.encoding import Encoder
from core.errors import OutOfMemory
from core.models.base import build
from core.results import Block, Encoded, Layout
from core.scoring.trained import Trained
from core.specs import spec_from_settings
from core.training.loop import Trainer

def limit(megabytes):
    pages = int(open("/proc/self/statm").read().split()[0])
    most = pages * resource.getpagesize() + megabytes * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (most, most))

def rows(count, width):
    layout = Layout(tuple(Block(f"c{i}", "squared", i, i + 1) for i in range(width)))
    return Encoded(layout, np.ones((count, width), np.float32), np.ones((count, width), bool))

def made(data, **settings):
    spec = spec_from_settings("vanilla", {"epochs": 2, **settings})
    return spec, build(spec, data.layout)

def trainer(data, spec, network):
    everything = np.arange(len(data.values))
    return Trainer(network, data, everything, everything[:0], spec.training, torch.device("cpu"))

def try_it(name, work):
    list(trainer(rows(10, 3), *made(rows(10, 3))).epochs())  # what torch sets up once is not counted
    try:
        exec(work, globals())
    except OutOfMemory as error:
        print(json.dumps([name, error.line()]), flush=True)

for name, work in json.loads(sys.argv[1]).items():
    child = os.fork()
    if child == 0:
        try:
            try_it(name, work)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(0)
    os.waitpid(child, 0)
"""
CASES = {
    "building": (
        "limit(200); made(rows(10, 1_000), hidden_width=4_096, depth=6, bottleneck=1_024)",
        "1,000 input columns",
        "lower the hidden width",
    ),
    "the optimiser": (
        "pair = made(rows(10, 1_000), hidden_width=4_096, bottleneck=1_024)\n"
        "limit(100); trainer(rows(10, 1_000), *pair)",
        "before the first epoch, on cpu",
        "lower the batch size or the hidden width",
    ),
    "the rows": (
        "data = rows(200_000, 100); pair = made(data)\nlimit(60); trainer(data, *pair)",
        "before the first epoch",
        "train on fewer rows",
    ),
    "a batch": (
        "data = rows(20_000, 100); pair = made(data, batch_size=20_000, hidden_width=4_096)\n"
        "limit(250); list(trainer(data, *pair).epochs())",
        "epoch 1, on cpu",
        "lower the batch size",
    ),
    "scoring": (
        "data = rows(200_000, 100); spec, network = made(data)\n"
        "limit(60); Trained(Encoder(parts=()), network, spec).of_encoded(data)",
        "scoring 200,000 rows",
        "score fewer rows at once",
    ),
}


@pytest.fixture(scope="module")
def ended() -> tuple[dict[str, str], str]:
    """What each case said at its end, by its name; and what was said on stderr."""
    works = json.dumps({name: work for name, (work, _, _) in CASES.items()})
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, works], capture_output=True, text=True, timeout=240, check=True
    )
    return dict(json.loads(line) for line in done.stdout.splitlines()), done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS holds on Linux only")
@pytest.mark.parametrize("case", list(CASES))
def test_out_of_memory_says_what_to_lower(ended: tuple[dict[str, str], str], case: str) -> None:
    lines, complaints = ended
    assert case in lines, complaints[-2_000:]
    _, where, fix = CASES[case]
    assert where in lines[case]
    assert fix in lines[case]


@pytest.mark.parametrize(
    "said",
    [
        "CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported at some other API call",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
    ],
)
def test_a_gpus_libraries_say_it_each_in_their_own_way(said: str) -> None:
    with pytest.raises(OutOfMemory), memory_in_words("too large", where="here", fix="lower the batch size"):
        raise RuntimeError(said)
    with pytest.raises(RuntimeError, match="illegal"), memory_in_words("too large", where="here", fix="none"):
        raise RuntimeError("CUDA error: an illegal memory access was encountered")


def test_memory_that_runs_out_while_a_rate_is_looked_for_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_memory(_: loop.Trainer) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(loop, "range_test", out_of_memory)
    with pytest.raises(OutOfMemory, match="looking for the learning rate"):
        next(trainer(find_rate=True).epochs())


def test_where_batches_are_small_few_rows_are_validated_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    one = trainer(held=150, batch_size=2)
    sizes, plain = [], one.validation.batches
    monkeypatch.setattr(one.validation, "batches", lambda size: sizes.append(size) or plain(size))
    next(one.epochs())
    assert sizes == [2 * loop.EVALUATION_BATCHES]
