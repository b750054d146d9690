"""The same work from a shell: `python -m core.cli …`. With --json, stdout holds one JSON object and nothing else.

Exit codes: 0 done; 2 refused, or failed in a way that another file, other settings or more room can mend;
3 cancelled or interrupted; 1 a bug, also one that a job met. All but 0 put one line on stderr.
"""

from __future__ import annotations

import csv
import itertools
import json
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from sqlalchemy.exc import DatabaseError
from typer._click.exceptions import ClickException, NoArgsIsHelpError

from core.errors import (
    Cancelled,
    FileRefused,
    Halted,
    HourglassError,
    InputRefused,
    Interrupted,
    SettingsRefused,
    from_json,
    harmless,
)
from core.presets import Preset, preset, preset_spec
from core.results import Column, Dataset, Job, Run, level_codes
from core.settings import Settings, settings
from core.specs import (
    FOUND,
    LAYERS,
    RECOMMENDED,
    ReadOptions,
    RunSpec,
    ScoreWith,
    each_once,
    says_the_network,
    spec_from_settings,
    suited,
)
from core.storage.artifacts import FULL, storage_error
from core.storage.database import storage_failure
from core.storage.store import Store
from core.words import count

app = typer.Typer(
    name="hourglass",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
File = Annotated[Path, typer.Argument(help="The file.")]


# --- what all commands share ---------------------------------------------------------------------------


def _say(as_json: bool, record: dict[str, Any], *lines: str) -> None:
    print(json.dumps(record, ensure_ascii=False, allow_nan=False) if as_json else _shown(lines))


def _shown(lines: Iterable[str]) -> str:
    """Each on one line, and nothing that a terminal obeys, whatever the names in it."""
    return "\n".join(harmless(" ".join(line.splitlines())) for line in lines)


def _questions(columns: Iterable[Column]) -> list[str]:
    return [f"  question about {column.name}: {column.question}" for column in columns if column.question]


@app.callback()
def _check_settings() -> None:
    """The autoencoder workbench from a shell."""
    try:
        settings()
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsRefused(
            f"{first['input']!r} can't be used: {first['msg'].lower()}",
            where="_".join(["HOURGLASS", *(str(part).upper() for part in first["loc"])]),
            fix="change this environment variable, or unset it",
        ) from error


def _store() -> Store:
    from core.storage.database import migrate

    migrate(settings())
    return Store.open(settings())


def _existing(path: Path) -> Path:
    try:
        if path.is_file():
            return path
        what = "this is no file" if path.exists() else "there is no such file"
    except OSError as error:
        what = f"this path can't be used: {(error.strerror or str(error)).lower()}"
    raise FileRefused(what, where=str(path)[:200], fix="check the path")


def _target(path: Path, *sources: Path | None) -> Path:
    """A path that a file can be written to, checked before the work is done. None of `sources` is overwritten."""
    try:
        same = [source for source in sources if source is not None and source.exists() and path.exists()]
        if any(path.samefile(source) for source in same):
            raise InputRefused("this would overwrite the file that is read", where=str(path), fix="name another file")
        if not path.parent.is_dir():
            raise InputRefused("there is no such folder", where=str(path.parent), fix="make it first")
        if path.is_dir():
            raise InputRefused("this is a folder", where=str(path), fix="name the file to write")
    except OSError as error:
        raise storage_error(error, str(path)[:200]) from error
    return path


def _wait(store: Store, job_id: str, quiet: bool) -> Job:
    """Wait with a progress bar on stderr. Raises the job's own error, Cancelled, Interrupted."""
    from rich.console import Console
    from rich.progress import Progress

    from core.jobs.wait import wait

    console = Console(stderr=True)  # a file gets no bar: not even the empty line that it leaves
    with (
        _interruptible() as asked,
        Progress(console=console, disable=quiet or not console.is_terminal, transient=True) as bar,
    ):
        task = bar.add_task("waiting", total=1.0)

        def show(now: Job) -> None:
            if asked.is_set():
                raise KeyboardInterrupt
            bar.update(task, completed=now.fraction, description=now.message or now.state)

        job = wait(store, job_id, show)
    if job.state == "cancelled":
        raise Cancelled("the job was cancelled", where=job.id, fix=f"resume {job.id} goes on with it")
    if job.state == "interrupted":
        said = from_json(job.error) if job.error else Interrupted("the job's process was lost")
        raise Interrupted(said.what, where=job.id, fix=said.fix.replace("press Resume", f"resume {job.id}"))
    if job.error:
        raise from_json(job.error)
    return job


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Ctrl-C as an event: an exception out of nowhere is lost where it meets a library's clean-up."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = signal.signal(signal.SIGINT, lambda *_: asked.set())
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


def _upload(store: Store, path: Path) -> Path:
    """A copy under home/uploads, where the ingest job reads it."""
    from core.datasets import uploads

    target = uploads.new_path(store.settings)
    try:
        shutil.copyfile(path, target)
    except OSError as error:
        target.unlink(missing_ok=True)
        where = target if error.errno in FULL else error.filename or target
        raise storage_error(error, str(where)) from error
    return target


def _ingest(store: Store, path: Path, name: str, label: str | None, quiet: bool, options: ReadOptions = FOUND) -> str:
    from core.datasets.ingest import submit
    from core.datasets.samples import SAMPLES

    source_name = path.name
    if str(path) in SAMPLES and not path.exists():
        sample = SAMPLES[str(path)]
        upload = _upload(store, Path(__file__))
        sample.write(upload)
        name, label, source_name = name or sample.title, label or sample.label or None, f"{path}{sample.suffix}"
        options = sample.options.model_copy(update=options.model_dump(exclude_defaults=True))
    else:
        upload = _upload(store, _existing(path))
    job = submit(store, upload, source_name, name=name, label=label, options=options)
    return str(_wait(store, job.id, quiet).result["dataset_id"])


def _values(pairs: list[str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise InputRefused(f"“{pair}” is no setting", where="--set", fix="write name=value")
        if (name := name.strip()) in out:
            raise SettingsRefused(f"“{name[:40]}” is set twice", where="--set", fix="say it once")
        try:
            out[name] = json.loads(text)
        except (ValueError, RecursionError):  # no JSON: a word
            out[name] = text
    return out


# --- the app and its database --------------------------------------------------------------------------


@app.command()
def serve(
    port: Annotated[int | None, typer.Option(help="Port; HOURGLASS_PORT or 8501 by default.", min=1, max=65535)] = None,
) -> None:
    """Start the app."""
    from core.serve import serve as start

    deployment = settings()
    start(Settings(**{**deployment.model_dump(), "port": port}) if port else deployment)


@app.command()
def migrate(as_json: Json = False) -> None:
    """Bring the database up to date, with a backup before."""
    from core.storage.database import migrate as update

    saved = update(settings())
    _say(as_json, {"backup": saved}, "The database is up to date." + (f" Backup: {saved}" if saved else ""))


@app.command()
def models(
    name: Annotated[
        str | None,
        typer.Argument(help="One of them with its settings; “training” and “windows”: those that all runs have."),
    ] = None,
    as_json: Json = False,
) -> None:
    """The autoencoder families, layers, presets and anomaly scores; with a name, its settings."""
    from core.catalogue import USUAL_SCORE, catalogue, entry, in_lines

    if name is not None:
        item = entry(name)
        _say(as_json, item, *in_lines(item))
        return
    record = catalogue()
    lines = [f"{item['name']}: {item['summary']}" for items in record.values() for item in items]
    hint = "`models NAME` shows the settings of one, `models training` and `models windows` those that all runs have."
    score = f"The anomaly score is by default: {USUAL_SCORE}; --set scorer=NAME chooses another."
    _say(as_json, record, *lines, hint, score)


@app.command()
def samples(as_json: Json = False) -> None:
    """The built-in data; the command `add` makes one of them a dataset."""
    from core.datasets.samples import SAMPLES

    items = [{"name": name, "title": s.title, "summary": s.summary, "label": s.label} for name, s in SAMPLES.items()]
    _say(as_json, {"items": items}, *(f"{item['name']}: {item['summary']}" for item in items))


def _reading(pairs: list[str]) -> ReadOptions:
    """What `--set` says about the reading; delimiters may be written as \\t."""
    values = _values(pairs)
    if isinstance(values.get("delimiter"), str):
        values["delimiter"] = values["delimiter"].replace("\\t", "\t")
    return ReadOptions.read(values)


# --- files ---------------------------------------------------------------------------------------------


ReadSetting = Annotated[
    list[str],
    typer.Option(
        "--set", help=f"How to read it, as name=value; may be repeated. Names: {', '.join(ReadOptions.model_fields)}."
    ),
]


@app.command()
def inspect(file: File, set_: ReadSetting = [], as_json: Json = False) -> None:  # noqa: B006
    """Read a file as an upload would, and say how it was understood."""
    from core.datasets.ingest import understood, with_rows
    from core.datasets.read import read_file

    raw = with_rows(read_file(_existing(file), file.name, settings(), _reading(set_)), file.name)
    columns, notices = understood(raw)
    record = {
        "rows": raw.rows,
        "columns": [
            {
                **{"name": c.name, "kind": c.kind, "role": c.role, "missing": c.missing, "reason": c.reason},
                **{"form": c.form, "unit": c.unit, "confidence": c.confidence, "question": c.question},
            }
            for c in columns
        ],
        "dialect": asdict(raw.reading.dialect),
        "rejects": raw.reading.rejected,
        "mended": raw.reading.mended,
        "sheets": list(raw.reading.sheets),
        "notices": [*raw.reading.notices, *notices],
    }
    size = f"{count(raw.rows, 'row')} × {count(len(columns), 'column')}"
    lines = [f"{size}, {count(raw.reading.rejected, 'line')} set aside"]
    lines += [f"  {c.name}: {c.kind}, {c.role}, {c.missing:,} missing ({c.reason})" for c in columns]
    lines += _questions(columns)
    lines += [f"  note: {notice}" for notice in (*raw.reading.notices, *notices)]
    _say(as_json, record, *lines)


Out = Annotated[Path, typer.Option("--out", help="Where to write.")]


@app.command()
def read(file: File, out: Out, set_: ReadSetting = [], as_json: Json = False) -> None:  # noqa: B006
    """Write a file's main table as plain CSV (RFC 4180, UTF-8), cells as in the source."""
    from core.datasets.read import read_file

    _target(out, file)
    raw = read_file(_existing(file), file.name, settings(), _reading(set_))
    try:
        with out.open("w", newline="", encoding="utf-8") as target:
            writer = csv.writer(target)
            if raw.columns:  # an empty file stays one
                writer.writerow(raw.header)
            for batch in raw.batches():
                columns = [column.to_pylist() for column in batch.columns]
                writer.writerows(["" if cell is None else cell for cell in row] for row in zip(*columns, strict=True))
    except OSError as error:
        raise storage_error(error, str(out)) from error
    record = {"rows": raw.rows, "columns": len(raw.columns), "rejects": raw.reading.rejected}
    _say(as_json, record, f"{count(raw.rows, 'row')} × {count(len(raw.columns), 'column')} written to {out}")


@app.command()
def add(
    file: File,
    name: Annotated[str, typer.Option(help="What to call it; the file's name by default.")] = "",
    label: Annotated[str | None, typer.Option(help="The column that says what is an anomaly.")] = None,
    set_: ReadSetting = [],  # noqa: B006
    as_json: Json = False,
) -> None:
    """Make a file, or a sample by its name, a dataset."""
    store = _store()
    id_ = _ingest(store, file, name, label, as_json, _reading(set_))
    _say(as_json, {"dataset": id_}, id_)


def _may_be_set(model: str, pairs: list[str], seed: int | None = None) -> None:
    """What can be set for no data is said before any is read. Raises SettingsRefused."""
    refused: list[SettingsRefused] = []
    for layers in sorted(LAYERS, key=lambda name: name != RunSpec().layers):  # those of tables speak first
        try:
            spec_from_settings(model, _values(pairs), seed, RunSpec(layers=layers))
        except SettingsRefused as error:
            refused.append(error)
    if len(refused) == len(list(LAYERS)):
        raise next((error for error in refused if "no setting" not in error.what), refused[0])


def _spec(
    store: Store, model: str | None, pairs: list[str], seed: int | None, dataset: Dataset, chosen: Preset | None = None
) -> RunSpec:
    """The settings as given, then those of a preset, and for the rest what suits the dataset."""
    from core.datasets.series import proposed
    from core.datasets.series.steps import axes
    from core.jobs.beforehand import refuse_hopeless

    windows, values = proposed(store, dataset), _values(pairs)
    if chosen is not None:
        spec = preset_spec(chosen, dataset, windows, values, seed)
    else:
        named = model is not None or says_the_network(values)
        alone = windows if str(values.get("window")) != "0" else None
        start = suited(RunSpec(objective=model or USUAL_MODEL) if named else RunSpec(), dataset, alone)
        spec = spec_from_settings(model or USUAL_MODEL, values, seed, start)
    if spec.windows is not None:
        axes(dataset, spec.windows)  # refuses columns that the dataset has not
    refuse_hopeless(store, dataset, spec)
    return spec


# --- runs and jobs -------------------------------------------------------------------------------------

Setting = Annotated[list[str], typer.Option("--set", help="A setting as name=value; may be repeated.")]


USUAL_MODEL = "vanilla"
PresetName = Annotated[
    str | None, typer.Option("--preset", help="A ready-made choice in place of a model; see `models`.")
]


def _preset(name: str | None, model: str | None) -> Preset | None:
    """Raises SettingsRefused for an unknown one, and where a model is named too."""
    if name is None:
        return None
    if model is not None:
        raise SettingsRefused(
            "a preset names the autoencoder itself", where="--preset", fix="leave out --model, or --preset"
        )
    return preset(name)


@app.command()
def train(
    dataset: Annotated[str, typer.Argument(help="The dataset's id.")],
    model: Annotated[
        str | None,
        typer.Option(help="The autoencoder, whose error is the score; see `models`. By default what suits the data."),
    ] = None,
    preset_: PresetName = None,
    set_: Setting = [],  # noqa: B006  (Typer reads it, nothing changes it)
    try_: Annotated[
        str | None,
        typer.Option("--try", help="One setting with several values, as name=1,2,4: a run each, side by side."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Start of everything random.")] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Don't wait.")] = False,
    as_json: Json = False,
) -> None:
    """Train a run on a dataset."""
    from core.jobs.launch import ensure_supervisor

    chosen = _preset(preset_, model)
    _may_be_set(chosen.model if chosen else model or USUAL_MODEL, set_, seed)
    store = _store()
    data = store.datasets.get(dataset)
    each = [[*set_, pair] for pair in _tried(try_)] or [set_]
    specs = each_once((pairs[-1] if try_ else "", _spec(store, model, pairs, seed, data, chosen)) for pairs in each)
    made = [store.runs.submit(dataset, spec, name=name) for name, spec in specs]
    ensure_supervisor(store.settings)
    if not detach:
        for run in made:
            _wait(store, run.job_id, as_json)
    now = [store.runs.get(run.id) for run in made]
    records = [_trained(run) for run in now]
    lines = [f"equal values make one run: {count(len(made), 'run')}, not {len(each)}"] if len(made) < len(each) else []
    _say(as_json, {"runs": records} if try_ else records[0], *lines, *itertools.chain(*map(_lines_of, now)))


@app.command()
def project(
    run: Annotated[str, typer.Argument(help="The run's id.")],
    method: Annotated[str, typer.Option(help="umap, tsne, pacmap or pca.")] = "umap",
    dimensions: Annotated[int, typer.Option(help="2 or 3.")] = 2,
    level: Annotated[
        int | None, typer.Option(help="Of a stacked run: the level, from 1, instead of its codes.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Start of everything random; the run's own by default.")] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Don't wait.")] = False,
    as_json: Json = False,
) -> None:
    """Draw a map of a finished run's codes."""
    from core.jobs.launch import ensure_supervisor
    from core.projections import PROJECTIONS

    PROJECTIONS.get(method)
    if dimensions not in (2, 3):
        raise SettingsRefused(
            f"a map has 2 or 3 dimensions, not {dimensions}", where="--dimensions", fix="choose 2 or 3"
        )
    store = _store()
    this = store.runs.get(run)
    if not this.ready:
        raise InputRefused(f"this run {this.state} and has no codes", where=this.name, fix="choose a finished run")
    if level is not None and level_codes(level) not in this.artifacts:
        raise SettingsRefused(f"this run has no level {level}", where="--level", fix="choose a level of a stacked run")
    args: dict[str, Any] = {"run_id": run, "method": method, "dimensions": dimensions}
    args |= {"seed": this.spec["training"]["seed"] if seed is None else seed}
    args |= {} if level is None else {"level": level}
    job = store.jobs.submit("project", args, dataset_id=this.dataset_id, run_id=run)
    ensure_supervisor(store.settings)
    if not detach:
        _wait(store, job.id, as_json)
    done = store.jobs.get(job.id)
    record = {"projection": done.result.get("projection_id"), "run": run, "method": method, "state": done.state}
    _say(
        as_json, record, f"{record['projection'] or job.id} {done.state} {PROJECTIONS.get(method).title} of {this.name}"
    )


MOST_TRIED = 24


def _tried(text: str | None) -> list[str]:
    """“bottleneck=2,4,8” as “bottleneck=2”, “bottleneck=4”, “bottleneck=8”. Raises SettingsRefused."""
    if text is None:
        return []
    name, sign, values = text.partition("=")
    found = [value.strip() for value in values.strip().removesuffix(",").split(",")]
    fix = f"write a setting and its values, such as --try bottleneck=2,4,8, at most {MOST_TRIED}"
    if not text.strip():
        raise SettingsRefused("nothing is said to try", where="--try", fix=fix)
    if not sign or not name.strip() or not any(found):
        raise SettingsRefused(f"“{text[:60]}” names no values to try", where="--try", fix=fix)
    if not all(found):
        raise SettingsRefused(f"in “{text[:60]}” a value is missing between two commas", where="--try", fix=fix)
    if len(found) > MOST_TRIED:
        raise SettingsRefused(f"{len(found)} values are too many", where="--try", fix=fix)
    return [f"{name.strip()}={value}" for value in found]


def _trained(run: Run) -> dict[str, Any]:
    metrics = {name: run.summary[name] for name in METRICS if name in run.summary}
    return {"run": run.id, "state": run.state, "metrics": metrics}


def _lines_of(run: Run) -> list[str]:
    notes = [f"  note: {finding['title']}: {finding['next_step']}" for finding in run.summary.get("findings", [])]
    if run.spec.get("scorer") == RECOMMENDED and any(finding["change"] for finding in run.summary.get("findings", [])):
        notes.append(
            "  where settings of the network follow such a note, --set scorer=recommended keeps the anomaly score"
        )
    verdict = run.summary.get("verdict_text", "")
    return [f"{run.id} {run.state} {run.name}, job {run.job_id}", *([verdict] if verdict else []), *notes]


METRICS = ("epochs", "best_epoch", "steps", "seconds", "loss_best", "error_network", "error_pca", "parameters")


def _listing(as_json: bool, items: list[dict[str, Any]], line: Callable[[dict[str, Any]], str]) -> None:
    _say(as_json, {"items": items}, *(map(line, items) if items else ["none"]))


@app.command()
def runs(as_json: Json = False) -> None:
    """All runs, newest first."""
    items = [asdict(run) for run in _store().runs.find()]
    _listing(as_json, items, lambda item: f"{item['id']} {item['state']} {item['name']} on {item['dataset_id']}")


@app.command()
def jobs(as_json: Json = False) -> None:
    """All jobs, newest first."""
    items = [asdict(job) for job in _store().jobs.find()]
    _listing(as_json, items, lambda item: f"{item['id']} {item['state']} {item['kind']} {item['message']}")


Id = Annotated[str, typer.Argument(metavar="ID", help="An id: d-… a dataset, r-… a run, j-… a job.")]


@app.command()
def show(id_: Id, as_json: Json = False) -> None:
    """One dataset, run or job, whole."""
    store = _store()
    kinds: dict[str, Callable[[str], Any]] = {"d": store.datasets.get, "r": store.runs.get, "j": store.jobs.get}
    get = kinds.get(id_.partition("-")[0])
    if get is None:
        raise InputRefused(f"“{id_[:40]}” is no id", where="ID", fix="ids begin with d-, r- or j-; see runs and jobs")
    record = asdict(get(id_))
    _say(as_json, record, *json.dumps(record, indent=2, ensure_ascii=False).split("\n"))


def _job_of(store: Store, id_: str) -> str:
    return store.runs.get(id_).job_id if id_.startswith("r-") else id_


@app.command()
def cancel(id_: Id, as_json: Json = False) -> None:
    """Cancel a job, or a run's job."""
    store = _store()
    job = store.jobs.request(_job_of(store, id_), "cancel")
    was = {"cancelled": "is cancelled", "interrupted": "was interrupted: there is nothing to cancel"}
    over = was.get(job.state, f"has already {job.state}: there is nothing to cancel")
    _say(as_json, asdict(job), f"{job.id} {over if job.ended else 'is being cancelled'}")


@app.command()
def resume(id_: Id, as_json: Json = False) -> None:
    """Go on with an interrupted, failed or cancelled job, from its last checkpoint."""
    from core.jobs.launch import ensure_supervisor

    store = _store()
    job = store.jobs.resume(_job_of(store, id_))
    ensure_supervisor(store.settings)
    _say(as_json, asdict(job), f"{job.id} {job.state}")


@app.command()
def delete(
    id_: Id, yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False, as_json: Json = False
) -> None:
    """Delete a dataset or a run and all that was made from it."""
    store = _store()
    repository = store.runs if id_.startswith("r-") else store.datasets
    lines = repository.would_remove(id_).lines()
    if not yes and not as_json and sys.stdin.isatty():
        typer.confirm(_shown([f"Delete {id_}?", *(f"  {line}" for line in lines)]), abort=True)
    gone = repository.delete(id_)
    _say(as_json, {"deleted": id_, "also": lines}, f"{id_} deleted, {len(gone.addresses)} files removed")


@app.command()
def search(
    dataset: Annotated[str, typer.Argument(help="The dataset's id.")],
    model: Annotated[str | None, typer.Option(help="The autoencoder, vanilla by default; see `models`.")] = None,
    preset_: PresetName = None,
    set_: Setting = [],  # noqa: B006
    vary: Annotated[str, typer.Option(help="Settings that may differ, with commas.")] = "learning_rate,bottleneck",
    trials: Annotated[int, typer.Option(help="Runs that are tried.")] = 20,
    aim: Annotated[
        str, typer.Option(help="The least of what is searched: “error beside PCA” or “error on rows held back”.")
    ] = ("error beside PCA"),
    seed: Annotated[int, typer.Option(help="Start of the search's draws.")] = 0,
    detach: Annotated[bool, typer.Option("--detach", help="Don't wait.")] = False,
    as_json: Json = False,
) -> None:
    """Search for settings: each trial is a run, judged by a figure that needs no labels."""
    from core.jobs.launch import ensure_supervisor
    from core.training.search import SearchPlan, chosen

    preset_chosen = _preset(preset_, model)
    store = _store()
    spec = _spec(store, model or USUAL_MODEL, set_, None, store.datasets.get(dataset), preset_chosen)
    names = tuple(name.strip() for name in vary.split(",") if name.strip())
    if not names:
        fix = "write settings with commas, such as --vary learning_rate,bottleneck"
        raise SettingsRefused("nothing may differ from run to run", where="--vary", fix=fix)
    plan = SearchPlan.read({"vary": names, "trials": trials, "aim": aim, "seed": seed})
    chosen(plan, spec)
    if both := [name for name in _values(set_) if name in names]:
        fix = f"leave it out of --set, or of --vary {vary}"
        raise SettingsRefused(f"“{both[0]}” is set, and varied too", where="--set", fix=fix)
    args = {"dataset_id": dataset, "spec": spec.model_dump(mode="json"), "plan": plan.model_dump(mode="json")}
    job = store.jobs.submit("search", args, dataset_id=dataset)
    ensure_supervisor(store.settings)
    if detach:
        _say(as_json, {"job": job.id}, job.id)
        return
    found = _wait(store, job.id, as_json).result
    lines = [
        f"{trial['run']} {'' if trial['figure'] is None else format(trial['figure'], '.4g')}"
        f"{' stopped early' if trial['stopped_early'] else ''} {trial['values']}"
        for trial in found["trials"]
    ]
    _say(as_json, {"job": job.id, **found}, *lines, f"best by {found['aim']}: {found['best']}")


FORMATS = (".xlsx", ".csv", ".parquet")


@app.command()
def verdicts(
    run: Annotated[str, typer.Argument(help="The run's id.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write the flagged rows: .xlsx, .csv or .parquet.")
    ] = None,
    take: Annotated[Path | None, typer.Option("--take", help="An Excel file to take verdicts back from.")] = None,
    conflicts: Annotated[
        str, typer.Option(help="Where others said something else since: “keep” what stands, or “take” the file's.")
    ] = "keep",
    as_json: Json = False,
) -> None:
    """Write the flagged rows with what was said of them, or take verdicts back from such a file."""
    if (out is None) == (take is None):
        raise InputRefused("nothing is asked for, or two things", where="--out, --take", fix="name one of them")
    if conflicts not in ("keep", "take"):
        raise SettingsRefused(f"“{conflicts[:40]}” is no choice", where="--conflicts", fix="keep or take")
    if out is not None:
        if out.suffix.lower() not in FORMATS:
            raise InputRefused(f"“{out.suffix[:20]}” is no format", where="--out", fix=f"one of {', '.join(FORMATS)}")
        _target(out)
    store = _store()
    this = store.runs.get(run)
    if not this.ready:
        raise InputRefused(f"this run {this.state} and has no scores", where=this.name, fix="choose a finished run")
    if out is not None:
        _write_verdicts(store, this, out, as_json)
    elif take is not None:
        _take_verdicts(store, this, take, conflicts == "take", as_json)


def _write_verdicts(store: Store, run: Run, out: Path, as_json: bool) -> None:
    from core.export.csv import nobody
    from core.export.triage.files import triage_file
    from core.export.triage.rows import Asked
    from core.thresholds import flags
    from core.triage.judged import judged, judged_in

    threshold = store.thresholds.current(run.id)
    if threshold is None:
        raise InputRefused("this run has no threshold", where=run.name, fix="choose one on the page Anomalies")
    dataset, scores = store.datasets.get(run.dataset_id), store.runs.scores(run, threshold.scorer)
    rows = flags(scores.values, threshold).rows
    contents = store.datasets.row_contents(dataset)
    stands = judged_in(store, run, judged(store.verdicts.of_lineage(dataset.lineage_id), scores.row_keys, contents))
    make = triage_file(out.suffix.lower().removeprefix("."))
    data = make(store, Asked(run, dataset, scores, threshold, rows, stands), nobody)
    try:
        out.write_bytes(data)
    except OSError as error:
        raise storage_error(error, str(out)) from error
    judged_rows = int((stands.codes[rows] != 0).sum())
    record = {"rows": len(rows), "verdicts": judged_rows, "run": run.id}
    _say(as_json, record, f"{count(len(rows), 'flagged row')}, {judged_rows:,} with a verdict, written to {out}")


def _take_verdicts(store: Store, run: Run, path: Path, take: bool, as_json: bool) -> None:
    from core.export.triage.plan import apply, plan_import
    from core.export.triage.returned import read_verdicts

    dataset = store.datasets.get(run.dataset_id)
    plan = plan_import(store, dataset, read_verdicts(_existing(path), store.settings, path.name))
    done = apply(store, dataset, plan, "take" if take else "keep")
    record = {
        "written": done.written,
        "new": len(plan.new),
        "changed": len(plan.changed),
        "taken_back": len(plan.taken_back),
        "conflicts": len(plan.conflicts),
        "kept": done.kept,
        "same": plan.same,
        "elsewhere": len(plan.elsewhere),
        "twice": [asdict(each) for each in plan.twice],
        "problems": [asdict(problem) for problem in plan.problems],
    }
    lines = [f"{count(done.written, 'verdict')} written, {done.kept:,} kept where others spoke since"]
    lines += [f"  row {each.line}, {each.column}: {each.what}; {each.fix}" for each in plan.problems]
    lines += [
        f"  rows {', '.join(map(str, each.lines))} are one row and differ; delete all but one" for each in plan.twice
    ]
    lines += (
        [f"  {count(len(plan.elsewhere), 'row')} of the sheet not among the rows of this data"]
        if plan.elsewhere
        else []
    )
    _say(as_json, record, *lines)


@app.command()
def score(
    run: Annotated[str, typer.Argument(help="The id of a finished run.")],
    file: File,
    out: Out,
    review: Annotated[
        int | None,
        typer.Option(
            "--review",
            help="How many rows, or events of a series, to flag. By default the run's threshold holds.",
            min=1,
        ),
    ] = None,
    rename: Annotated[
        list[str] | None,
        typer.Option(
            "--rename",
            metavar="LEARNED=FILE",
            help="A column that the run learned from, and what it is called in the file; again for each.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Score another file with an earlier run, without training: all rows, strangest first, as `detect` writes them."""
    from core.export.detection import write_detection
    from core.scoring.matching import refuse_beforehand

    _target(out, file)
    _existing(file)
    store = _store()
    model = store.runs.get(run)
    if not model.ready:
        raise InputRefused("this run has no scores", where=model.name, fix="choose one that has finished")
    renamed = _renamed(model, rename or [])
    dataset_id = _ingest(store, file, "", None, as_json)
    refuse_beforehand(store, model, store.datasets.get(dataset_id), renamed)
    made = store.runs.score_with(ScoreWith(run_id=model.id, review=review, renamed=renamed), dataset_id)
    _wait(store, made.job_id, as_json)
    made = store.runs.get(made.id)
    found, why = write_detection(store, made, dataset_id, None, review, out)
    drift, too_many = made.summary["drift"], made.summary["too_many"]
    record, lines = _detected(store, made, dataset_id, found, why, out)
    first = [*([too_many] if too_many else []), drift["sentence"]]
    more = {"drift": drift["verdict"], "moved": drift["moved"], "too_many": too_many}
    _say(as_json, {**record, **more}, *first, *lines)


def _renamed(model: Run, pairs: list[str]) -> dict[str, str]:
    """“weight=Weight (kg)” as the learned column and its name in the file, split where what the run learned ends: names may have “=”
    in them. Raises InputRefused."""
    out: dict[str, str] = {}
    for pair in pairs:
        ends = [place for place, letter in enumerate(pair) if letter == "="]
        found = [(pair[:end], pair[end + 1 :]) for end in ends if pair[:end] in model.summary.get("columns", ())]
        if not found or not found[-1][1]:
            raise InputRefused(
                f"“{pair[:80]}” names no column that the run learned from and another one of the file",
                where="--rename",
                fix="write LEARNED=FILE, such as --rename weight=Weight_kg",
            )
        learned, there = found[-1]
        if learned in out:
            raise InputRefused(f"“{learned[:40]}” is renamed twice", where="--rename", fix="say it once")
        out[learned] = there
    return out


def _detected(
    store: Store,
    run: Run,
    dataset_id: str,
    found: dict[str, Any],
    why: str,
    out: Path,
    of: str = "",
    matched: Sequence[str] = (),
) -> tuple[dict[str, Any], list[str]]:
    """What was found in a file, for programs and in lines. of: whose notices these are, where not the file's; matched: what is to be
    said of its columns beside those that were learned from."""
    dataset = store.datasets.get(dataset_id)
    what = f"{found['flagged']:,} of {count(found.get('scored', found['rows']), dataset.item)} flagged"
    if "events" in found:
        what += f", in {count(found['events'], 'event')} of {count(found['event_rows'], 'row')}"
    notices, asked = run.summary.get("notices", []), [why] if why else []
    verdict = run.summary.get("verdict_text", "") if not of else ""  # which is on the rows that were learned from
    lines = [f"{what}; all rows are in {out}, strangest first", *(f"  {each}" for each in asked)]
    lines += [f"  {verdict}"] if verdict else []
    lines += [f"  note: {notice}" for notice in (*matched, *dataset.reading.notices)]
    lines += [f"  note{of}: {notice}" for notice in notices]
    lines += _questions(dataset.columns)
    lines += [said] if (said := _set_aside(dataset)) else []
    said_of_all = [*asked, *matched, *dataset.reading.notices, *notices]
    about = {"rejects": dataset.reading.rejected, "run": run.id, "verdict": verdict, "notices": said_of_all}
    return {**found, **about, "questions": [column.question for column in dataset.columns if column.question]}, lines


# --- one shot ------------------------------------------------------------------------------------------


@app.command()
def detect(
    file: File,
    out: Out,
    train_on: Annotated[Path | None, typer.Option("--train-on", help="Clean rows to learn from instead.")] = None,
    model: Annotated[
        str | None,
        typer.Option(help="The autoencoder, whose error is the score; see `models`. By default what suits the data."),
    ] = None,
    review: Annotated[
        int | None,
        typer.Option(
            "--review",
            help="How many rows, or events of a series, to flag. By default 5 % of the rows; with --train-on, what is stranger "
            "than all but 5 % of the clean ones.",
            min=1,
        ),
    ] = None,
    label: Annotated[
        str | None, typer.Option(help="The column that holds the labels, of the rows that are learned from.")
    ] = None,
    set_: Setting = [],  # noqa: B006
    seed: Annotated[int | None, typer.Option(help="Start of everything random.")] = None,
    as_json: Json = False,
) -> None:
    """Find anomalies: all rows, strangest first, with their number in the file, score, percentile, flag and top columns."""
    from core.datasets.match import same_columns
    from core.export.detection import write_detection
    from core.scoring.matching import Matched, in_words, matched, refuse_meaningless

    _may_be_set(model or USUAL_MODEL, set_, seed)
    _target(out, file, train_on)
    for source in (file, train_on):
        if source is not None:
            _existing(source)
    store = _store()
    dataset_id = _ingest(store, file, "", label if train_on is None else None, as_json)
    reference = _ingest(store, train_on, "", label, as_json) if train_on is not None else dataset_id
    data, learned = store.datasets.get(dataset_id), store.datasets.get(reference)
    same_columns(data, [column.name for column in learned.features])
    spec = _spec(store, model, set_, seed, learned)
    columns: tuple[Matched, ...] = ()
    if train_on is not None:
        spec = spec.model_copy(update={"assume_clean": True})
        if learned.pictures is None and spec.windows is None:  # of images and series the job says so
            columns = matched(store, learned.features, data, {})
            refuse_meaningless(columns, data.source_name)
    run = store.runs.submit(reference, spec.checked())
    _wait(store, run.job_id, as_json)
    scores_job = None
    if train_on is not None:
        job = store.jobs.submit("score", {"run_id": run.id, "dataset_id": dataset_id}, dataset_id=dataset_id)
        scores_job = _wait(store, job.id, as_json)
    run = store.runs.get(run.id)
    found, why = write_detection(store, run, dataset_id, scores_job, review, out)
    of = "" if train_on is None else f" on {train_on.name}"
    record, lines = _detected(store, run, dataset_id, found, why, out, of, in_words(columns))
    if reference != dataset_id and (said := _set_aside(learned)):
        lines.append(said)
    if train_on is not None and review is None:
        lines.insert(
            1, f"  flagged is what is stranger than all but the strangest rows of {train_on.name}; see --review"
        )
    _say(as_json, record, *lines)


def _set_aside(dataset: Dataset) -> str:
    """How many lines of its file are no rows, and how many had to be mended to be some; empty where neither."""
    reading = dataset.reading
    said = [f"{count(reading.rejected, 'line')} set aside"] if reading.rejected else []
    said += [f"{count(reading.mended, 'row')} mended"] if reading.mended else []
    return f"  {dataset.source_name}: {', '.join(said)}; `inspect` says which, and why" if said else ""


INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run a command; its exit code."""
    command = typer.main.get_command(app)
    try:
        # Typer gives the code of what it ends by itself (--help: 0, Ctrl-C: 130) back instead of leaving.
        if command.main(arguments, standalone_mode=False) == INTERRUPTED:
            raise KeyboardInterrupt
    except HourglassError as error:
        print(error.line(), file=sys.stderr)
        if type(error) is HourglassError:  # how a worker writes down an error that it did not expect
            return 1
        return 3 if isinstance(error, Halted) else 2
    except (OSError, DatabaseError) as error:
        failure = storage_failure(error, settings())
        if failure is None:
            raise
        print(failure.line(), file=sys.stderr)
        return 2
    except NoArgsIsHelpError as error:
        print(error.format_message())
        return 0
    except ClickException as error:
        print(f"{error.format_message()} · see --help", file=sys.stderr)
        return 2
    except (typer.Abort, KeyboardInterrupt):
        print("left; what was queued goes on (see jobs)", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
