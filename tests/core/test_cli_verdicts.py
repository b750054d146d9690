"""`verdicts`: the flagged rows as a file, and the verdicts in a workbook back into the log."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.settings import settings
from core.storage.store import Store
from tests.core.export.triage.made import by, filled, finished, say
from tests.core.test_cli import Shell


@pytest.fixture
def shell(store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Commands on the deployment of the store."""
    monkeypatch.setenv("HOURGLASS_HOME", str(store.settings.home))
    settings.cache_clear()
    return Shell(capsys)


@pytest.fixture(autouse=True)
def _forgotten() -> object:
    yield
    settings.cache_clear()


def test_rows_go_out_and_verdicts_come_back(shell: Shell, store: Store, tmp_path: Path) -> None:
    run = finished(store, tmp_path)
    dataset = store.datasets.get(run.dataset_id)
    say(store, dataset, 15, "confirmed")
    for name in ("t.xlsx", "t.csv", "t.parquet"):
        record = shell("verdicts", run.id, "--out", tmp_path / name, "--json").record
        assert record == {"rows": 16, "verdicts": 1, "run": run.id}
    with (tmp_path / "t.csv").open(newline="") as file:
        assert next(csv.DictReader(file))["verdict"] == "confirmed"
    assert pq.read_table(tmp_path / "t.parquet").num_rows == 16

    words: dict[int, dict[str, str | None]] = {
        0: {"verdict": "unsure"},
        1: {"verdict": "dismissed"},
        2: {"verdict": "ja"},
    }
    back = tmp_path / "back.xlsx"
    back.write_bytes(filled((tmp_path / "t.xlsx").read_bytes(), words))
    say(by(store, "Ben"), dataset, 1, "confirmed")
    record = shell("verdicts", run.id, "--take", back, "--json").record
    problems = record.pop("problems")
    assert record == {
        **{
            "written": 1,
            "new": 1,
            "changed": 0,
            "taken_back": 0,
            "conflicts": 1,
            "kept": 1,
            "same": 13,
            "elsewhere": 0,
            "twice": [],
        }
    }
    assert [each["column"] for each in problems] == ["verdict"]
    said = shell("verdicts", run.id, "--take", back, "--conflicts", "take")
    assert said.code == 0
    assert said.out.startswith("1 verdict written, 0 kept")
    assert "“ja” is no verdict; write confirmed, dismissed or unsure" in said.out
    newest = {each.row_key: each.verdict for each in store.verdicts.of_lineage(dataset.lineage_id)}
    assert newest == {"K015": "confirmed", "K000": "unsure", "K001": "dismissed"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "nothing is asked for, or two things"),
        (["--out", "a.csv", "--take", "a.xlsx"], "nothing is asked for, or two things"),
        (["--out", "a.pdf"], "“.pdf” is no format"),
        (["--take", "a.xlsx", "--conflicts", "perhaps"], "“perhaps” is no choice"),
        (["--take", "gone.xlsx"], "there is no such file"),
    ],
)
def test_what_can_not_be_done_is_one_line_and_2(
    shell: Shell, store: Store, tmp_path: Path, arguments: list[str], words: str
) -> None:
    run = finished(store, tmp_path)
    said = shell("verdicts", run.id, *arguments)
    assert said.code == 2
    assert words in said.line
    text = tmp_path / "t.xlsx"
    text.write_text("a,b")
    assert "no Excel workbook" in shell("verdicts", run.id, "--take", text).line
