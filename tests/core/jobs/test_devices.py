"""Which GPUs are published: as nvidia-smi names them, of those that programs here may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.jobs.devices import devices, visible
from core.settings import Settings, machine_memory

TWO = "NVIDIA H100, 80GB, GPU-1a2b, 81559\nNVIDIA T4, GPU-3c4d, 15360\n"


def answers(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """nvidia-smi says this."""
    command = folder / "nvidia-smi"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def test_cards_come_first_with_their_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answers(monkeypatch, tmp_path, f"cat <<'END'\n{TWO}END")
    first, second, last = devices(Settings(home=tmp_path))
    assert (first.name, first.description, first.memory_bytes) == ("cuda:0", "NVIDIA H100, 80GB", 81559 * 1_048_576)
    assert (second.name, second.description) == ("cuda:1", "NVIDIA T4")
    assert last.name == "cpu"


def test_a_card_that_programs_may_not_use_is_not_published(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answers(monkeypatch, tmp_path, f"cat <<'END'\n{TWO}END")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert [device.description for device in devices(Settings(home=tmp_path))[:-1]] == ["NVIDIA T4"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert [device.name for device in devices(Settings(home=tmp_path))] == ["cpu"]


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        (None, [0, 1]),
        ("1,0", [1, 0]),
        ("GPU-3c", [1]),
        ("0,7,1", [0]),  # what is no card ends the list
        ("-1", []),
        ("GPU-", []),  # the beginning of more than one
    ],
)
def test_what_is_visible_is_what_cuda_sees(wanted: str | None, seen: list[int]) -> None:
    assert visible(["GPU-1a2b", "GPU-3c4d"], wanted) == seen


def test_a_card_without_memory_of_its_own_has_the_machines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answers(monkeypatch, tmp_path, "echo 'NVIDIA GB10, GPU-1a2b, [N/A]'")
    assert devices(Settings(home=tmp_path))[0].memory_bytes == machine_memory()


@pytest.mark.parametrize("script", ["exec sleep 60", "echo 'no driver is loaded'; exit 9"])
def test_a_driver_that_does_not_answer_leaves_the_cpu_and_a_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture, script: str
) -> None:
    answers(monkeypatch, tmp_path, script)
    monkeypatch.setattr("core.jobs.devices.PATIENCE", 0.2)
    assert [device.name for device in devices(Settings(home=tmp_path))] == ["cpu"]
    assert "so no GPU is used" in caplog.text
