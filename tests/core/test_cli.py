"""The commands: one JSON object or words on stdout, one line on stderr where something is refused, exit codes."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import typer

from core import cli
from core.catalogue import entry
from core.errors import HourglassError, Interrupted, SettingsRefused
from core.jobs.wait import wait
from core.presets import PRESETS
from core.settings import settings
from core.specs import SCORERS, score_card, spec_from_settings
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from core.training.search import SearchPlan, beside_pca
from tests.conftest import add_csv, call_off, grid_csv

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
DOCUMENTED = {
    *("serve", "migrate", "models", "samples", "inspect", "read", "add", "train"),
    *("runs", "jobs", "show", "cancel", "resume", "delete", "detect", "search", "project", "verdicts", "score"),
}
SHORT = ("--set", "epochs=3")


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def record(self) -> Any:
        """The one JSON object on stdout."""
        assert self.code == 0, self.err
        assert self.err == ""
        record = json.loads(self.out)
        assert isinstance(record, dict)
        assert self.out == json.dumps(record, ensure_ascii=False) + "\n"
        return record

    @property
    def line(self) -> str:
        """The one line on stderr, with nothing on stdout."""
        assert self.out == ""
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1
        assert "Traceback" not in self.err
        return self.err


class Shell:
    """Runs commands in this process, on one deployment."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: object) -> Said:
        self.capsys.readouterr()
        code = cli.main([str(argument) for argument in arguments])
        said = self.capsys.readouterr()
        return Said(code, said.out, said.err)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty deployment, set by the environment as a user would."""
    monkeypatch.setenv("HOURGLASS_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()


@pytest.fixture
def shell(home: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def busy(working: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    """Commands on the deployment whose supervisor runs."""
    monkeypatch.setenv("HOURGLASS_HOME", str(working.settings.home))
    settings.cache_clear()
    yield Shell(capsys)
    call_off(working)
    settings.cache_clear()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(grid_csv())
    return path


def process(home: Path, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "core.cli", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "HOURGLASS_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(running: subprocess.Popen[str]) -> Said:
    out, err = running.communicate(timeout=PATIENCE)
    return Said(running.returncode, out, err)


# --- the commands as a whole ---------------------------------------------------------------------------


def test_every_command_is_documented_and_every_documented_one_exists() -> None:
    command = typer.main.get_command(cli.app)
    assert set(command.commands) == DOCUMENTED
    for name, known in command.commands.items():
        assert known.help, name
        options = {option for parameter in known.params for option in parameter.opts}
        assert ("--json" in options) == (name != "serve")


def test_help_is_no_failure(shell: Shell) -> None:
    for arguments in ((), ("--help",), *((name, "--help") for name in sorted(DOCUMENTED))):
        said = shell(*arguments)
        assert said.code == 0
        assert said.out
        assert said.err == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], "No such command"),
        (["inspect"], "Missing argument"),
        (["inspect", "a", "b"], "unexpected extra argument"),
        (["models", "--colour"], "No such option: --colour"),
        (["models", "--json=yes"], "does not take a value"),
        (["train", "d-1", "--seed", "x"], "--seed"),
        (["serve", "--port", "99999"], "--port"),
        (["show"], "Missing argument 'ID'"),
        (["detect", "t.csv"], "Missing option '--out'"),
        (["detect", "t.csv", "--out", "o.csv", "--review", "-1"], "--review"),
        (["detect", "t.csv", "--out", "o.csv", "--review", "0"], "--review"),
    ],
)
def test_what_was_mistyped_gets_one_line_and_2(shell: Shell, arguments: list[str], words: str) -> None:
    said = shell(*arguments)
    assert said.code == 2
    assert words in said.line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["inspect", "gone.csv"], "no such file · gone.csv · check the path"),
        (["inspect", "."], "this is no file"),
        (["inspect", "x" * 5_000], "file name too long"),
        (["read", "gone.csv", "--out", "o.csv"], "no such file"),
        (["add", "gone.csv"], "no such file"),
        (["train", "d-gone"], "there is no dataset “d-gone”"),
        (["train", "d-gone", "--model", "vanila"], "did you mean “vanilla”?"),
        (["train", "d-gone", "--set", "epohcs=3"], "did you mean “epochs”?"),
        (["train", "d-gone", "--set", "epochs"], "“epochs” is no setting"),
        (["train", "d-gone", "--set", "epochs=5", "--set", "epochs=6"], "“epochs” is set twice"),
        (["train", "d-gone", "--set", "epochs=9000"], "it may be 1 to 5000."),
        (["train", "d-gone", "--set", "epochs=many"], "epochs = 'many': this is no whole number"),
        (["train", "d-gone", "--set", "learning_rate=2"], "it may be above 0 to 1."),
        (["train", "d-gone", "--set", "optimiser=adamw"], "did you mean “AdamW”?"),
        (
            ["train", "d-gone", "--set", "device=banana"],
            "auto takes a GPU where there is one and the network is large enough",
        ),
        (["train", "d-gone", "--set", "window=5"], "window = 5: input should be greater than or equal to 8 · window"),
        (["train", "d-gone", "--set", "beta=3"], "it belongs to variational"),
        (["train", "d-gone", "--model", "gru"], "choose it by --set layers=gru"),
        (["train", "d-gone", "--set", "epochs=0"], "epochs"),
        (["train", "d-gone", "--set", "learning_rate=NaN"], "finite"),
        (["train", "d-gone", "--seed", "-1"], "seed"),
        (["show", "what"], "“what” is no id"),
        (["show", "d-gone"], "there is no dataset"),
        (["show", "r-gone"], "there is no run"),
        (["show", "j-gone"], "there is no job"),
        (["cancel", "j-gone"], "there is no job"),
        (["cancel", "r-gone"], "there is no run"),
        (["resume", "j-gone"], "there is no job"),
        (["delete", "d-gone"], "there is no dataset"),
        (["delete", "r-gone"], "there is no run"),
        (["project", "r-gone"], "there is no run"),
        (["project", "r-gone", "--method", "umpa"], "did you mean “umap”?"),
        (["project", "r-gone", "--dimensions", "4"], "a map has 2 or 3 dimensions, not 4"),
        (["detect", "gone.csv", "--out", "o.csv"], "no such file"),
        (["detect", "gone.csv", "--out", "no/folder/o.csv"], "no such folder"),
        (["detect", "gone.csv", "--out", "."], "this is a folder"),
        (["read", "gone.csv", "--out", "."], "this is a folder"),
        (["read", "gone.csv", "--out", "o" * 300], "name too long"),
        (["train", "d-gone", "--set", "hidden_width=" + "9" * 5_000], "hidden_width"),
        (["train", "d-gone", "--set", "epochs=" + "[" * 5_000], "epochs"),
        (["add", "gone\udcff.csv"], "no such file"),
    ],
)
def test_what_is_refused_gets_one_line_and_2(shell: Shell, arguments: list[str], words: str) -> None:
    for more in ([], ["--json"]):
        said = shell(*arguments, *more)
        assert said.code == 2
        assert words in said.line
        assert " · " in said.line


def test_a_setting_of_the_deployment_that_cannot_be_is_refused(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOURGLASS_PORT", "eighty")
    settings.cache_clear()
    said = shell("runs")
    assert said.code == 2
    assert "HOURGLASS_PORT" in said.line


def test_what_is_no_character_in_a_name_is_shown_as_a_question_mark(busy: Shell, tmp_path: Path) -> None:
    path = tmp_path / "na\udcffme.csv"
    path.write_text(grid_csv())
    added = busy("add", path, "--json").record["dataset"]
    assert busy("show", added, "--json").record["name"] == "na?me"
    named = busy("add", path, "--name", "\udcff!", "--json").record["dataset"]
    assert busy("show", named, "--json").record["name"] == "?!"


def test_limits_are_those_of_who_asks(
    busy: Shell, table: Path, working: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOURGLASS_ROW_LIMIT", "10")  # the supervisor that runs knows nothing of it
    settings.cache_clear()
    said = busy("add", table)
    assert said.code == 2
    assert "more than 10 rows" in said.line


def test_an_error_that_a_worker_did_not_expect_is_a_bug(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise HourglassError("an unexpected error stopped the job (KeyError)", where="j-1", fix="report it")

    monkeypatch.setattr(cli, "_store", broken)
    said = shell("runs")
    assert said.code == 1
    assert "unexpected" in said.line


def test_real_processes_exit_0_and_2(home: Path, table: Path) -> None:
    assert ended(process(home, "inspect", table, "--json")).record["rows"] == 60
    refused = ended(process(home, "inspect", table.parent / "gone.csv", "--json"))
    assert refused.code == 2
    assert "no such file" in refused.line
    mistyped = ended(process(home, "inspect", table, "--jsno"))
    assert mistyped.code == 2
    assert "No such option" in mistyped.line


# --- what needs no supervisor --------------------------------------------------------------------------


def test_migrate_twice(shell: Shell, home: Path) -> None:
    assert shell("migrate", "--json").record == {"backup": None}
    assert (home / "hourglass.db").exists()
    assert "up to date" in shell("migrate").out


def test_models(shell: Shell) -> None:
    record = shell("models", "--json").record
    assert set(record) == {"objectives", "layers", "presets", "scorers"}
    for item in (*record["objectives"], *record["layers"]):
        assert set(item) == {"name", "summary", "paper", "settings"}
        assert item["summary"]
    assert "vanilla" in {item["name"] for item in record["objectives"]}
    assert "vanilla: " in shell("models").out
    assert {item["name"] for item in record["objectives"]} >= {
        "sparse",
        "denoising",
        "variational",
        "stacked",
        "masked",
    }
    for item in record["presets"]:
        assert set(item) == {"name", "summary", "suits", "model", "settings"}
    assert {item["name"] for item in record["presets"]} == set(PRESETS)


def test_models_name_shows_each_setting_with_range_default_and_what_it_does(shell: Shell) -> None:
    record = shell("models", "--json").record
    for item in (*record["objectives"], *record["layers"]):
        assert shell("models", item["name"], "--json").record == item
        said = shell("models", item["name"]).out.splitlines()
        assert said[0] == f"{item['name']}: {item['summary']}"
        for name, field in item["settings"].items():
            assert any(line.startswith(f"  {name}: ") and line.endswith(field["description"]) for line in said), name
    said = shell("models", "sparse").out
    assert "  active: 0.01 to 0.9, by default 0.2. Share of" in said
    assert "  penalty: L1 or KL, by default L1. " in said
    trained = shell("models", "training").out
    assert "  epochs: 1 to 5000 (passes), by default 60. " in trained
    assert "  learning_rate: above 0 to 1, by default 0.001. " in trained
    assert "  contamination: above 0 to 0.5, by default 0.05. " in trained
    assert "  leave_out" not in trained  # no name=value says it
    assert "  length: 8 to 4096 (steps), by default 64. " in shell("models", "windows").out
    assert "--model vanilla --set layers=convolutional" in shell("models", "images").out
    assert "no settings of its own" in shell("models", "vanilla").out
    refused = shell("models", "sprase")
    assert refused.code == 2
    assert "did you mean “sparse”?" in refused.line


def test_models_lists_the_anomaly_scores_and_says_which_is_usual(shell: Shell) -> None:
    said = shell("models").out
    names = [item["name"] for item in shell("models", "--json").record["scorers"]]
    assert names == ["recommended", "reconstruction_error", *SCORERS]
    for name in names:
        assert f"{name}: {score_card(name)[1]}\n" in said
        assert f"--set scorer={name}, for tables" in shell("models", name).out
    usual = "recommended for a table where neither an autoencoder nor its shape is chosen, else reconstruction_error"
    assert f"by default: {usual}; --set scorer=NAME" in said
    trained = shell("models", "training").out
    assert f"scorer: {' or '.join(names)}, by default {usual}. " in trained


def test_every_setting_that_models_shows_can_be_set() -> None:
    for name in ("training", "windows"):
        for setting, field in entry(name)["settings"].items():
            spec_from_settings("vanilla", {setting: field["default"]})


def test_choices_are_named_as_they_are_to_be_written() -> None:
    with pytest.raises(SettingsRefused, match="'AdamW', 'Adam' or 'SGD'"):
        spec_from_settings("vanilla", {"optimiser": "adamw"})
    with pytest.raises(SettingsRefused, match="'error beside PCA' or"):
        SearchPlan.read({"aim": "error beside pca"})
    with pytest.raises(SettingsRefused, match="epochs = 0: input should be greater"):
        spec_from_settings("vanilla", {"epochs": 0})
    with pytest.raises(SettingsRefused, match="set layers=convolutional_1d"):
        spec_from_settings("vanilla", {"kernel": 3})
    with pytest.raises(SettingsRefused, match="choose convolutional_1d for a series"):
        spec_from_settings("vanilla", {"window": 32, "layers": "convolutional"}).plan((32, 4))


def test_samples(shell: Shell) -> None:
    items = shell("samples", "--json").record["items"]
    assert {"name", "summary"} <= set(items[0])
    assert items[0]["name"] in shell("samples").out


def test_inspect_says_how_a_file_was_understood(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "Sales\n\nid;zip;amount;day\n" + "".join(f"K{i};{i:05d};{i},5;2024-01-{i + 1:02d}\n" for i in range(25))
    )
    with path.open("a") as file:
        file.write("torn;line\n")
    record = shell("inspect", path, "--json").record
    assert {"rows", "columns", "dialect", "rejects", "notices", "mended", "sheets"} == set(record)
    assert (record["rows"], record["rejects"]) == (25, 1)
    dialect = {"delimiter", "quote", "escape", "encoding", "header_rows", "preamble_rows", "sheet"}
    assert set(record["dialect"]) == dialect
    assert (record["dialect"]["delimiter"], record["dialect"]["preamble_rows"]) == (";", 1)
    said = {"name", "kind", "role", "missing", "reason", "form", "unit", "confidence", "question"}
    assert [set(column) for column in record["columns"]] == [said] * 4
    kinds = [column["kind"] for column in record["columns"]]
    assert kinds == ["coded", "coded", "number", "datetime"]
    assert any("set aside" in notice for notice in record["notices"])
    assert "25 rows × 4 columns" in shell("inspect", path).out


def test_inspect_says_what_an_upload_would_say(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("a\n1\n")
    notices = shell("inspect", path, "--json").record["notices"]
    assert any("one row" in notice for notice in notices)
    assert any("one column" in notice for notice in notices)


def test_no_name_commands_the_terminal_or_makes_a_line_of_its_own(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('"a\x1b]0;title\x07",b\x9b31m\u202ec,"two\n  note: all is well",day\n' + "1,2,3,01/02/2024\n" * 12)
    said = shell("inspect", path).out
    assert "a�]0;title�: " in said
    assert "b�31m�c: " in said
    assert "  two   note: all is well: " in said
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said)
    gone = tmp_path / "gone\x1b[2J.csv"
    assert "gone�[2J.csv" in shell("inspect", gone).line


def test_read_writes_the_cells_as_they_are(shell: Shell, tmp_path: Path) -> None:
    source, out = tmp_path / "t.csv", tmp_path / "out.csv"
    source.write_bytes('name;note;n\nMünchen;"a, ""b""\nc";1,5\nKöln;;007\nUlm;=1+1;-3\n'.encode("cp1252"))
    assert shell("read", source, "--out", out, "--json").record == {"rows": 3, "columns": 3, "rejects": 0}
    data = out.read_bytes()
    assert data == 'name,note,n\r\nMünchen,"a, ""b""\nc","1,5"\r\nKöln,,007\r\nUlm,=1+1,-3\r\n'.encode()


def test_the_file_that_is_read_is_never_overwritten(shell: Shell, table: Path, tmp_path: Path) -> None:
    before = table.read_bytes()
    link = tmp_path / "link.csv"
    link.symlink_to(table)
    for command in (["read", table], ["detect", table], ["detect", link, "--train-on", table]):
        for out in (table, link):
            said = shell(*command, "--out", out)
            assert said.code == 2
            assert "would overwrite" in said.line
    assert table.read_bytes() == before


def test_read_takes_a_workbook(shell: Shell, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["a", "b"], [1, None], [2.5, "x"]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "b.xlsx")
    shell("read", tmp_path / "b.xlsx", "--out", tmp_path / "o.csv")
    assert (tmp_path / "o.csv").read_text() == "a,b\n1,\n2.5,x\n"


def test_empty_lists(shell: Shell) -> None:
    assert shell("runs", "--json").record == {"items": []}
    assert shell("jobs", "--json").record == {"items": []}
    assert shell("runs").out == "none\n"


# --- what a supervisor does ----------------------------------------------------------------------------


def until_idle(store: Store, run_id: str) -> None:
    """A trained run's map is still drawn by a job of its own; it is not needed here."""
    for job in store.jobs.find(("queued", "running"), run_id=run_id):
        store.jobs.request(job.id, "cancel")
        wait(store, job.id, timeout=PATIENCE)


def test_add_train_show_and_delete(busy: Shell, working: Store, table: Path) -> None:
    dataset = busy("add", table, "--name", "the grid", "--label", "kind", "--json").record["dataset"]
    shown = busy("show", dataset, "--json").record
    assert (shown["name"], shown["rows"]) == ("the grid", 60)
    assert {column["name"]: column["role"] for column in shown["columns"]}["kind"] == "label"
    trained = busy("train", dataset, *SHORT, "--seed", 5, "--json").record
    assert set(trained) == {"run", "state", "metrics"}
    assert trained["state"] == "succeeded"
    assert trained["metrics"]["epochs"] == 3
    run = busy("show", trained["run"], "--json").record
    assert run["spec"]["training"]["seed"] == 5
    assert run["summary"]["columns"] == ["a", "b", "c"]
    assert trained["run"] in [item["id"] for item in busy("runs", "--json").record["items"]]
    jobs = busy("jobs", "--json").record["items"]
    assert run["job_id"] in [item["id"] for item in jobs]
    assert busy("show", run["job_id"], "--json").record["state"] == "succeeded"
    refused = busy("resume", trained["run"], "--json")
    assert refused.code == 2
    assert "can be resumed" in refused.line
    drawn = busy("project", trained["run"], "--method", "pca", "--dimensions", 3, "--json").record
    assert (drawn["state"], drawn["method"], drawn["run"]) == ("succeeded", "pca", trained["run"])
    assert drawn["projection"] in [
        each.id for each in working.projections.of_run(trained["run"]) if each.dimensions == 3
    ]
    refused = busy("project", trained["run"], "--level", 1)
    assert refused.code == 2
    assert "has no level 1" in refused.line
    until_idle(working, trained["run"])
    assert busy("delete", trained["run"], "--json").record["deleted"] == trained["run"]
    assert busy("show", trained["run"]).code == 2
    assert busy("show", dataset).code == 0


def test_a_preset_names_the_autoencoder_and_settings_win_over_it(busy: Shell, working: Store, tmp_path: Path) -> None:
    dataset = add_csv(working, tmp_path, grid_csv()).id
    trained = busy("train", dataset, "--preset", "sharp features", *SHORT, "--set", "active=0.3", "--json").record
    run = working.runs.get(trained["run"])
    assert run.spec["objective"] == "sparse"
    assert run.spec["objective_settings"]["active"] == 0.3
    assert run.spec["layer_settings"]["bottleneck"] == 64
    assert trained["metrics"]["epochs"] == 3
    for arguments, words in (
        (["--preset", "sharp_feature"], "did you mean “sharp_features”"),
        (["--preset", "images"], "is for images"),
        (["--preset", "quick_look", "--model", "sparse"], "a preset names the autoencoder itself"),
    ):
        refused = busy("train", dataset, *arguments)
        assert refused.code == 2
        assert words in refused.line


def test_several_values_of_one_setting_are_a_run_each(busy: Shell, working: Store, tmp_path: Path) -> None:
    dataset = add_csv(working, tmp_path, grid_csv()).id
    record = busy("train", dataset, *SHORT, "--try", "bottleneck=1,2", "--json").record
    runs = [working.runs.get(each["run"]) for each in record["runs"]]
    assert [run.spec["layer_settings"]["bottleneck"] for run in runs] == [1, 2]
    assert [run.name for run in runs] == ["bottleneck=1", "bottleneck=2"]
    equal = busy("train", dataset, *SHORT, "--try", "bottleneck=2,02,2")
    assert "equal values make one run: 1 run, not 3" in equal.out
    assert equal.out.count("succeeded") == 1
    before = len(working.runs.find())
    for value, words in (
        ("", "--try bottleneck=2,4,8"),
        ("bottleneck", "no values to try"),
        ("=1,2", "no values to try"),
        (f"bottleneck={','.join(map(str, range(1, 40)))}", "39 values are too many"),
        ("bottleneck=1,,3", "a value is missing between two commas"),
        (",", "no values to try"),
        ("botleneck=1,2", "bottleneck"),
        ("bottleneck=1,x", "bottleneck"),
    ):
        refused = busy("train", dataset, "--try", value)
        assert refused.code == 2
        assert words in refused.line
    assert len(working.runs.find()) == before


def test_what_cannot_work_together_is_refused_before_a_run_is_made(busy: Shell, working: Store, tmp_path: Path) -> None:
    dataset = add_csv(working, tmp_path, grid_csv()).id
    before = len(working.runs.find())
    for arguments, words in (
        (["--model", "denoising", "--set", "noise=erased"], "not for tables"),
        (["--model", "stacked", "--set", "depth=0"], "nothing to stack"),
        (["--set", "validation=by group"], "role group"),
        (["--set", "schedule=on plateau", "--set", "validation_share=0"], "plateau"),
        (["--set", "number_loss=cross-entropy"], "pixels"),
        (["--set", "widths=12, x"], "widths"),
        (["--set", "validation_share=20"], "0.2 for 20 %"),
    ):
        refused = busy("train", dataset, *arguments)
        assert refused.code == 2, arguments
        assert words in refused.line
    assert len(working.runs.find()) == before


def test_a_network_that_no_memory_holds_is_refused_before_a_run_is_made(
    busy: Shell, working: Store, tmp_path: Path
) -> None:
    dataset = add_csv(working, tmp_path, grid_csv()).id
    before = len(working.jobs.find())
    wide = ["--set", "bottleneck=1024", "--set", "hidden_width=4096", "--set", "depth=6"]
    large = [*wide, "--set", "members=32"]
    for arguments in (
        ("train", dataset, *large),
        ("train", dataset, *large, "--detach"),
        ("train", dataset, *wide, "--try", "members=1,32"),
        ("search", dataset, *large),
    ):
        refused = busy(*arguments)
        assert refused.code == 2, arguments
        assert "this network is too large: 2,1" in refused.line
        assert "choose fewer members" in refused.line
    assert len(working.jobs.find()) == before


def test_what_can_only_fail_on_these_rows_is_refused_before_a_run_is_made(
    busy: Shell, working: Store, tmp_path: Path
) -> None:
    tables = {
        "many": grid_csv(2_000),
        "one": "a,b\n1,2\n",
        "few": "a,b\n" + "".join(f"{i},{i * 3 % 7}\n" for i in range(9)),
        "same": "a,b\n" + "1,1\n" * 30,
    }
    ids = {name: add_csv(working, tmp_path, text).id for name, text in tables.items()}
    before = len(working.jobs.find(limit=1_000))
    for name, arguments, words in (
        ("many", ["--set", "device=cuda:7"], "there is no device “cuda:7” on this machine"),
        ("many", ["--set", "window=4096"], "a window of 4,096 steps is longer than every unbroken stretch"),
        ("many", ["--set", "window=2000"], "only 1 window of 2,000 steps is left to train on, at least 2 are needed"),
        ("one", [], "only 1 row is left to train on, at least 10 are needed"),
        ("few", [], "only 9 rows are left to train on, at least 10 are needed"),
        ("same", [], "no column is left to learn from"),
    ):
        for command in (["train", "--detach"], ["train"], ["search"]):
            refused = busy(*command, ids[name], *arguments)
            assert refused.code == 2, (command, arguments)
            assert refused.line.startswith(words)
    assert len(working.jobs.find(limit=1_000)) == before


def test_search_tries_runs_and_names_the_best(busy: Shell, working: Store, tmp_path: Path) -> None:
    dataset = add_csv(working, tmp_path, grid_csv()).id
    record = busy("search", dataset, *SHORT, "--trials", 3, "--vary", "learning_rate, depth", "--json").record
    assert len(record["trials"]) == 3
    figures = {trial["run"]: trial["figure"] for trial in record["trials"]}
    assert record["best"] == min(figures, key=lambda run: figures[run])
    for trial in record["trials"]:
        run = working.runs.get(trial["run"])
        assert run.state == "succeeded"
        assert run.spec["training"]["learning_rate"] == trial["values"]["learning_rate"]
        errors = (run.summary[name] for name in ("error_network", "error_pca", "error_means"))
        assert trial["figure"] == beside_pca(*errors)
    again = busy("search", dataset, *SHORT, "--trials", 3, "--vary", "learning_rate, depth", "--json").record
    assert [trial["values"] for trial in again["trials"]] == [trial["values"] for trial in record["trials"]]
    for arguments, words in (
        (["--vary", "learning_rat"], "did you mean “learning_rate”"),
        (["--vary", ""], "such as --vary learning_rate,bottleneck"),
        (["--set", "learning_rate=0.1"], "“learning_rate” is set, and varied too"),
        (["--trials", 1], "trials"),
        (["--aim", "luck"], "aim"),
    ):
        refused = busy("search", dataset, *arguments)
        assert refused.code == 2
        assert words in refused.line


def test_words_instead_of_json(busy: Shell, table: Path) -> None:
    dataset = busy("add", table).out.strip()
    said = busy("train", dataset, *SHORT)
    assert said.code == 0
    assert said.out.split()[1] == "succeeded"


def test_add_takes_a_workbook(busy: Shell, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["a", "b"], *([i, i % 4] for i in range(20))):
        book.worksheets[0].append(row)
    book.save(tmp_path / "b.xlsx")
    dataset = busy("add", tmp_path / "b.xlsx", "--json").record["dataset"]
    assert busy("show", dataset, "--json").record["rows"] == 20


def test_add_takes_a_sample_by_its_name(busy: Shell) -> None:
    name = busy("samples", "--json").record["items"][0]["name"]
    dataset = busy("add", name, "--json").record["dataset"]
    assert busy("show", dataset, "--json").record["rows"] > 100


def test_add_refuses_what_is_no_table(busy: Shell, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    said = busy("add", path, "--json")
    assert said.code == 2
    assert "PNG image" in said.line
    path.write_text(grid_csv())
    said = busy("add", path, "--label", "zz", "--json")
    assert said.code == 2
    assert "no column “zz”" in said.line


def test_a_training_that_fails_is_one_line_and_2(busy: Shell, working: Store, tmp_path: Path) -> None:
    dataset = add_csv(working, tmp_path, "a,b\n" + "".join(f"{i % 13},{(i % 13) * 3}\n" for i in range(400))).id
    wild = ["learning_rate=1.0", "activation=linear", "depth=6", "epochs=400"]
    said = busy("train", dataset, *[part for value in wild for part in ("--set", value)], "--json")
    assert said.code == 2
    assert "learning rate" in said.line
    few = add_csv(working, tmp_path, "a,b\n1,2\n3,4\n").id
    said = busy("train", few, "--json")
    assert said.code == 2
    assert "at least 10" in said.line


def test_detach_cancel_and_a_waiting_process_that_exits_3(busy: Shell, working: Store, tmp_path: Path) -> None:
    dataset = add_csv(working, tmp_path, grid_csv(3_000)).id
    long = ("--set", "epochs=5000", "--set", "patience=1000")
    detached = busy("train", dataset, *long, "--detach", "--json").record
    assert detached["state"] in ("queued", "running")
    assert detached["metrics"] == {}
    waiting = process(working.settings.home, "train", dataset, *long, "--json")
    try:
        deadline = time.monotonic() + PATIENCE
        while len(found := working.runs.find(dataset_id=dataset)) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        # The second waits in the queue behind the first.
        second = next(run for run in found if run.id != detached["run"])
        assert busy("cancel", second.job_id, "--json").record["state"] in ("cancelled", "running")
        said = ended(waiting)
        assert said.code == 3
        assert "cancelled" in said.line
        assert "resume" in said.line
    finally:
        waiting.kill()
        busy("cancel", detached["run"])
        waiting.wait()
    wait(working, working.runs.get(detached["run"]).job_id, timeout=PATIENCE)
    resumed = busy("resume", detached["run"], "--json").record
    assert resumed["state"] in ("queued", "running")
    busy("cancel", detached["run"])
    said = busy("train", dataset, *long, "--detach").out
    newest = working.runs.find(dataset_id=dataset)[0]
    busy("cancel", newest.id)
    assert newest.id in said
    assert newest.job_id in said


@pytest.mark.parametrize(
    ("fix", "words"),
    [
        ("press Resume to go on from the last checkpoint", "resume {id} to go on from the last checkpoint"),
        ("there is no checkpoint, so Resume would begin anew", "there is no checkpoint, so Resume would begin anew"),
    ],
)
def test_who_waits_for_a_lost_job_hears_what_there_is_to_go_on_from(store: Store, fix: str, words: str) -> None:
    job = store.jobs.submit("project", {})
    assert claim(store.engine, "here", 600) is not None
    error = Interrupted("lost twice", where="0% done", fix=fix).to_json()
    Fence(store.engine, job.id, 1).finish("interrupted", error=error)
    with pytest.raises(Interrupted, match="lost twice") as said:
        cli._wait(store, job.id, True)
    assert said.value.fix == words.format(id=job.id)


def test_ctrl_c_exits_3_and_says_what_goes_on(busy: Shell, working: Store, tmp_path: Path) -> None:
    dataset = add_csv(working, tmp_path, grid_csv(3_000)).id
    waiting = process(working.settings.home, "train", dataset, "--set", "epochs=5000", "--set", "patience=1000")
    try:
        deadline = time.monotonic() + PATIENCE
        while not (found := working.runs.find(dataset_id=dataset)) or not working.runs.metrics(found[0].id):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        waiting.send_signal(signal.SIGINT)
        said = ended(waiting)
        assert said.code == 3
        assert "goes on" in said.line
        assert working.runs.get(found[0].id).state == "running"
    finally:
        waiting.kill()
        waiting.wait()
        busy("cancel", found[0].id)


def written(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_detect_writes_all_rows_the_strangest_first(busy: Shell, working: Store, tmp_path: Path) -> None:
    source, out = tmp_path / "t.csv", tmp_path / "out.csv"
    lines = grid_csv(120).splitlines()
    lines[50] = "900,-40,7000,x"
    source.write_text("\n".join(lines) + "\n")
    record = busy("detect", source, "--out", out, "--review", 4, *SHORT, "--json").record
    assert set(record) == {"rows", "flagged", "rejects", "run", "verdict", "notices", "questions"}
    assert "PCA" in record["verdict"]
    assert record["rejects"] == 0
    assert record["rows"] == 120
    rows = written(out)
    assert list(rows[0]) == ["row", "a", "b", "c", "kind", "score", "percentile", "flag", "top_columns"]
    assert rows[0]["row"] == "50"
    assert [rows[0][name] for name in "abc"] == ["900", "-40", "7000"]
    assert rows[0]["percentile"] == "99.167"  # stranger than the other 119 of 120
    scores = [float(row["score"]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert record["flagged"] == sum(row["flag"] == "1" for row in rows) >= 4
    assert all(row["flag"] == "1" for row in rows[: record["flagged"]])
    assert set(rows[0]["top_columns"].split("; ")) <= {"a", "b", "c", "kind"}
    kept = working.thresholds.current(record["run"])  # what the pages show
    assert kept is not None
    assert (kept.method, kept.parameters, kept.flagged) == ("count", {"rows": 4}, record["flagged"])


def test_detect_learns_from_clean_rows(busy: Shell, tmp_path: Path) -> None:
    clean, source, out = tmp_path / "clean.csv", tmp_path / "t.csv", tmp_path / "out.csv"
    clean.write_text(grid_csv(200))
    source.write_text(grid_csv(40) + "5000,-1,70000,z\n")
    record = busy("detect", source, "--train-on", clean, "--label", "kind", "--out", out, *SHORT, "--json").record
    rows = written(out)
    assert record["rows"] == len(rows) == 41
    assert not any("kind" in row["top_columns"] for row in rows)
    assert rows[0]["a"] == "5000"
    assert rows[0]["flag"] == "1"
    other = tmp_path / "other.csv"
    other.write_text("x,y\n" + "".join(f"{i % 5},{i % 7}\n" for i in range(30)))
    said = busy("detect", other, "--train-on", clean, "--out", out, *SHORT, "--json")
    assert said.code == 2
    assert "missing" in said.line
    assert written(out) == rows
    before = len(busy("runs", "--json").record["items"])
    said = busy("detect", source, "--out", out, "--set", "layers=gru", "--set", "time=nope", "--json")
    assert said.code == 2
    assert "there is no column named “nope”" in said.line
    assert len(busy("runs", "--json").record["items"]) == before
    strange = tmp_path / "strange.csv"
    strange.write_text("a,b,c,kind\n" + "foo,bar,foo,x\n" * 30)
    said = busy("detect", strange, "--train-on", clean, "--out", out, *SHORT, "--json")
    assert (said.code, "can't be found or read: a, b, c" in said.line) == (2, True)
    assert written(out) == rows


def test_detect_reads_another_files_numbers_as_it_writes_them(busy: Shell, tmp_path: Path) -> None:
    clean, point, comma, out = (tmp_path / name for name in ("clean.csv", "point.csv", "comma.csv", "out.csv"))
    cells = np.random.default_rng(0).normal(size=(200, 3)).round(3)
    names, more = ("a", "b", "c"), ("a", "b", "c", "d")
    clean.write_text("\n".join([",".join(names), *(",".join(map(str, row)) for row in cells)]))
    lines = [",".join(more), *(",".join(map(str, (*row, 7.5 - row[0]))) for row in cells[:60])]
    point.write_text("\n".join(lines))
    comma.write_text("\n".join(lines).replace(",", ";").replace(".", ","))
    scores = []
    for path in (point, comma):
        said = busy("detect", path, "--train-on", clean, "--out", out, *SHORT).out
        assert "“d” was not learned from: the score does not look at it" in said
        assert "shares" not in said  # with PCA: on the rows of the other file
        scores.append([(row["row"], row["score"]) for row in written(out)])
    assert scores[0] == scores[1]


def test_detect_reads_another_series_as_it_is_written_and_refuses_what_it_cannot_read(
    busy: Shell, tmp_path: Path
) -> None:
    clean, other, out = tmp_path / "clean.csv", tmp_path / "other.csv", tmp_path / "out.csv"
    cells = np.random.default_rng(0).normal(size=(400, 2)).round(3)

    def series(rows: np.ndarray) -> str:
        times = (f"2024-01-{1 + i // 288:02d} {i // 12 % 24:02d}:{i % 12 * 5:02d}:00" for i in range(len(rows)))
        return "\n".join(["time,x,y", *(f"{at},{x},{y}" for at, (x, y) in zip(times, rows, strict=True))])

    clean.write_text(series(cells))
    point = series(cells[:90])
    scores = []
    for text in (point, point.replace(",", ";").replace(".", ",")):
        other.write_text(text)
        said = busy("detect", other, "--train-on", clean, "--set", "window=8", *SHORT, "--out", out)
        assert said.code == 0
        scores.append([(row["row"], row["score"]) for row in written(out)])
    assert scores[0] == scores[1]
    header, *lines = point.split("\n")
    other.write_text("\n".join([header, *(f"{line.rpartition(',')[0]},foo" for line in lines)]))
    said = busy("detect", other, "--train-on", clean, "--set", "window=8", *SHORT, "--out", out)
    assert (said.code, "y can't be read as the run learned it" in said.line) == (2, True)


def test_detect_says_what_inspect_says_of_the_reading(busy: Shell, tmp_path: Path) -> None:
    both, out = tmp_path / "both.zip", tmp_path / "out.csv"
    with zipfile.ZipFile(both, "w") as archive:
        archive.writestr("one.csv", grid_csv(60))
        archive.writestr("two.csv", grid_csv(40))
    said = busy("detect", both, "--out", out, *SHORT)
    assert "“one.csv” was read, not two.csv" in said.out
    assert any(
        "not two.csv" in notice for notice in busy("detect", both, "--out", out, *SHORT, "--json").record["notices"]
    )


def test_score_takes_another_file_through_an_earlier_run(busy: Shell, working: Store, tmp_path: Path) -> None:
    first, later, out = tmp_path / "first.csv", tmp_path / "later.csv", tmp_path / "out.csv"
    first.write_text(grid_csv(200))
    later.write_text(grid_csv(60) + "5000,-1,70000,z\n")
    model = busy("detect", first, "--out", out, *SHORT, "--json").record["run"]
    before = working.thresholds.current(model)
    assert before is not None
    record = busy("score", model, later, "--out", out, "--json").record
    assert set(record) == {
        *("rows", "flagged", "rejects", "run", "verdict", "drift", "moved", "too_many", "notices", "questions")
    }
    rows = written(out)
    assert record["rows"] == len(rows) == 61
    assert rows[0]["a"] == "5000"
    assert record["flagged"] == sum(float(row["score"]) >= before.value for row in rows) >= 1
    assert working.runs.get(record["run"]).summary["scored_with"] == model
    lines = busy("score", model, later, "--out", out, "--review", 3).out.splitlines()
    assert any(line.startswith("3 of 61 rows flagged; all rows are in") for line in lines)
    assert "set aside" not in "".join(lines)
    later.write_text(grid_csv(60) + "torn;line\nanother\n")
    said = busy("score", model, later, "--out", out)
    assert "  later.csv: 2 lines set aside; `inspect` says which, and why\n" in said.out
    assert busy("score", model, later, "--out", out, "--json").record["rejects"] == 2
    said = busy("score", "r-gone", later, "--out", out)
    assert (said.code, "there is no run" in said.line) == (2, True)
    other = tmp_path / "other.csv"
    other.write_text("x,y\n" + "".join(f"{i % 5},{i % 7}\n" for i in range(30)))
    runs = {run.id for run in working.runs.find()}
    said = busy("score", model, other, "--out", out)
    assert (said.code, "can't be found or read" in said.line) == (2, True)
    assert {run.id for run in working.runs.find()} == runs  # what is refused beforehand leaves no failed run


def test_score_is_told_what_renamed_columns_are_called(busy: Shell, working: Store, tmp_path: Path) -> None:
    first, later, out = tmp_path / "first.csv", tmp_path / "later.csv", tmp_path / "out.csv"
    first.write_text(grid_csv(200))
    model = busy("detect", first, "--out", out, *SHORT, "--json").record["run"]
    later.write_text(grid_csv(60))
    busy("score", model, later, "--out", out)
    same = [row["score"] for row in written(out)]
    names, rest = grid_csv(60).split("\n", 1)
    later.write_text(names.replace("a,b", "x=1,two words") + "\n" + rest)
    runs = {run.id for run in working.runs.find()}
    for wrong, why in (
        (("--rename", "a"), "names no column"),
        (("--rename", "nope=x=1"), "names no column"),
        (("--rename", "a="), "names no column"),
        (("--rename", "a=x=1", "--rename", "a=two words"), "“a” is renamed twice"),
        (("--rename", "a=gone"), "“gone” can't be taken for “a”"),
        (("--rename", "a=c"), "“c” can't be taken for “a”"),
        (("--rename", "a=x=1", "--rename", "b=x=1"), "“x=1” can't be taken for “a”"),
    ):
        said = busy("score", model, later, "--out", out, *wrong)
        assert (said.code, why in said.line) == (2, True), said.line
    assert {run.id for run in working.runs.find()} == runs
    said = busy("score", model, later, "--out", out, "--rename", "a=x=1", "--rename", "b=two words", "--json")
    assert [row["score"] for row in written(out)] == same
    again = busy("score", said.record["run"], later, "--out", out, "--rename", "a=x=1", "--rename", "b=two words")
    assert (again.code, [row["score"] for row in written(out)]) == (0, same)


def test_detect_says_why_it_flags_more_than_were_asked_for(busy: Shell, tmp_path: Path) -> None:
    source, out = tmp_path / "t.csv", tmp_path / "out.csv"
    gaps = [(0, 5, 9), (1, 6), (2, 7)]  # of each column; all other rows have equal scores
    lines = ["a,b,c", *(",".join("" if i in gap else str(i % 7) for gap in gaps) for i in range(60))]
    source.write_text("\n".join(lines) + "\n")
    pattern = ("--set", "scorer=missing_pattern", "--review")
    few = "7 rows flagged rather than 20: from the next lower score on there would be more than 20"
    assert f"  {few}\n" in busy("detect", source, "--out", out, *SHORT, *pattern, 20).out
    pattern = (*pattern, 50)
    why = "60 rows flagged rather than 50: 53 rows share the score at the threshold"
    assert f"  {why}\n" in busy("detect", source, "--out", out, *SHORT, *pattern).out
    record = busy("detect", source, "--out", out, *SHORT, *pattern, "--json").record
    assert record["notices"][0] == why
    assert record["flagged"] == 60


def test_detect_says_of_each_file_how_many_lines_are_no_rows(busy: Shell, tmp_path: Path) -> None:
    clean, source, out = tmp_path / "clean.csv", tmp_path / "t.csv", tmp_path / "out.csv"
    clean.write_text(grid_csv(60) + "torn;line\n")
    source.write_text(grid_csv(60) + "torn;line\nanother\n")
    said = busy("detect", source, "--out", out, *SHORT).out
    assert said.count("set aside") == 1
    assert "  t.csv: 2 lines set aside; `inspect` says which, and why\n" in said
    said = busy("detect", source, "--train-on", clean, "--out", out, *SHORT).out
    assert "  t.csv: 2 lines set aside; " in said
    assert "  clean.csv: 1 line set aside; " in said
    assert busy("detect", source, "--out", out, *SHORT, "--json").record["rejects"] == 2
    source.write_text(grid_csv(60))
    assert "set aside" not in busy("detect", source, "--out", out, *SHORT).out


def test_detect_keeps_every_row_of_a_hostile_table(busy: Shell, tmp_path: Path) -> None:
    source, out = tmp_path / "t.csv", tmp_path / "out.csv"
    with source.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["score", "hourglass_score", "=cmd()", "a<b>", "two\nlines"])
        writer.writerows([i % 7, i % 5 - 2, "=1+1" if i % 2 else "-3,5", "<b>", f"{i}\n"] for i in range(40))
    assert busy("detect", source, "--out", out, *SHORT, "--json").record["rows"] == 40
    rows = written(out)
    assert list(rows[0])[:7] == [
        "row",
        "score",
        "hourglass_score",
        "'=cmd()",
        "a<b>",
        "two\nlines",
        "hourglass_hourglass_score",
    ]
    assert {row["'=cmd()"] for row in rows} == {"'=1+1", "-3,5"}
    assert sorted(int(row["hourglass_score"]) for row in rows) == sorted(i % 5 - 2 for i in range(40))
