"""A file → one question → a job. Whatever the file comes from lies on disk by then; no page ever parses it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.datasets import uploads
from core.datasets.ingest import submit
from core.datasets.samples import Sample
from core.datasets.uploads import ServerFile, Upload
from core.errors import FileRefused, NotFound
from core.jobs.launch import ensure_supervisor
from core.results import Dataset
from core.specs import FOUND, ReadOptions, RunSpec, ScoreWith
from dashboard import load, state, words
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.recognising import give_up, runs_that_know
from dashboard.blocks.score_with import score_unread
from dashboard.charts.markdown import plain
from dashboard.charts.text import headings, visible
from dashboard.navigation import go
from dashboard.uploader import uploader

MAY_CONTAIN = "It may contain the anomalies"
IS_CLEAN = "It is clean: rows known to be good"
MINE = "A file on my computer"
IMAGES = "Images, or a folder of them"
SERVERS = "In the server's folder"
LABEL = "A table (CSV, Excel, Parquet), or a zip of images"
PICTURES = ["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif"]
IMAGES_MB = 500  # what passes through the server's memory; a zip does not
FIRST_SHEET = "the first that holds a table"
MOST_REMEMBERED = 50


@dataclass(frozen=True)
class Chosen:
    """A file that waits for its button: an upload, or one of the server's folder."""

    file: Upload | ServerFile

    @property
    def sha256(self) -> str:
        return self.file.sha256 if isinstance(self.file, Upload) else _sha256(self.file)

    def hand_over(self, then: RunSpec | ScoreWith | None, options: ReadOptions) -> str:
        """Queue its reading; the job's id."""
        st.session_state.pop("upload_again", None)
        give_up()
        if isinstance(self.file, ServerFile):
            path = uploads.borrow(state.store().settings, self.file)
            return start_ingest(path, self.file.name, then=then, options=options)
        job = start_ingest(self.file.path, self.file.name, then=then, options=options)
        uploads.release(state.store().settings, self.file.id)
        _used().append(self.file.id)
        return job


def find_anomalies() -> None:
    """Where the file is, the one question, and the button."""
    chosen = _chosen()
    if chosen is not None and (same := _known(chosen)) is not None and not _again(same, chosen):
        return
    options = _which_sheet(chosen) if chosen is not None else FOUND
    known = runs_that_know(chosen.file.path, chosen.file.name, options) if chosen is not None else []
    if chosen is not None and known:
        if (asked := score_unread(known, chosen.sha256[:12])) is not None:
            how, as_read = asked
            with failure_in_place():
                job = chosen.hand_over(how, as_read.options)
            go("home", job=job)
        st.markdown("Or learn from this file itself:")
    answer = st.radio(
        "What is in the file?",
        [MAY_CONTAIN, IS_CLEAN],
        key="upload_clean",
        help="Clean rows become the reference for normal: fewer of them are flagged at first.",
    )
    find, look = st.columns(2)
    with find:
        go_on = st.button(
            "Find anomalies",
            type="secondary" if known else "primary",
            disabled=chosen is None,
            width="stretch",
            key="find",
        )
    with look:
        only_read = st.button("Only read it, I'll look first", disabled=chosen is None, width="stretch", key="read")
    if chosen is not None and (go_on or only_read):
        with failure_in_place():
            job = chosen.hand_over(_spec(answer == IS_CLEAN) if go_on else None, options)
        go("home", job=job)


def find_in_sample(name: str, sample: Sample) -> None:
    """One sample with its button."""
    with st.container(border=True):
        st.markdown(f"**{sample.title}**")
        st.caption(sample.summary)
        if st.button("Find anomalies", key=f"sample_{name}"):
            with failure_in_place():
                path = uploads.new_path(state.store().settings)
                sample.write(path)
                job = start_ingest(
                    path,
                    f"{name}{sample.suffix}",
                    name=sample.title,
                    label=sample.label or None,
                    then=_spec(False),
                    options=sample.options,
                )
            go("home", job=job)


def start_ingest(
    path: Path,
    source_name: str,
    *,
    name: str = "",
    label: str | None = None,
    then: RunSpec | ScoreWith | None = None,
    options: ReadOptions = FOUND,
) -> str:
    """Queue the reading of an uploaded file, and the run or the score that follows it; the job's id."""
    store = state.store()
    job = submit(store, path, source_name, name=name, label=label, then=then, options=options)
    ensure_supervisor(store.settings)
    return job.id


def _spec(clean: bool) -> RunSpec:
    return RunSpec(assume_clean=clean, contamination=0.01 if clean else 0.05)


def _which_sheet(chosen: Chosen) -> ReadOptions:
    """Of a workbook with several sheets, the one to read."""
    try:
        names = load.sheets(state.store(), chosen.file.path, chosen.file.name)
    except FileRefused:  # the job that reads it says so, with what to do
        return FOUND
    if len(names) < 2:
        return FOUND
    picked = st.selectbox(
        "Sheet",
        range(len(names) + 1),
        format_func=headings([FIRST_SHEET, *names]).__getitem__,
        key=f"upload_sheet_{chosen.sha256[:12]}",
    )
    return ReadOptions(sheet=names[picked - 1]) if picked else FOUND


# --- where the file is ----------------------------------------------------------------------------------


def _chosen() -> Chosen | None:
    places = {MINE: _from_here, IMAGES: _of_images}
    if state.store().settings.folder is not None:
        places[SERVERS] = _from_folder
    place = st.radio("What, and where is it?", list(places), key="upload_place", horizontal=True)
    file = places[place]()
    return Chosen(file) if file is not None else None


def _from_here() -> Upload | None:
    settings = state.store().settings
    id_ = uploader(LABEL, limit_mb=settings.upload_limit_mb, used=_used(), key="upload")
    if id_ is None:
        return None
    try:
        return uploads.find(settings, id_)
    except NotFound:
        st.warning("The uploaded file was removed meanwhile: choose it again.", icon=":material/info:")
        return None


def _of_images() -> Upload | None:
    """Several images, or a folder with all that lies in it, as one zip."""
    folder = st.toggle("A whole folder, with its folders", value=True, key="upload_directory")
    files = st.file_uploader(
        "A folder of images" if folder else "Images",
        PICTURES,
        accept_multiple_files="directory" if folder else True,
        max_upload_size=IMAGES_MB,
        key=f"upload_images_{folder}",
        help="Folders called train, test, good and so on say what an image is for. Above 500 MB choose a zip of them.",
    )
    if not files:
        return None
    asked = "-".join(sorted(file.file_id for file in files))
    known: dict[str, str] = st.session_state.setdefault("packed_uploads", {})
    if asked not in known:
        top = str(files[0].name).partition("/")[0] if folder and "/" in str(files[0].name) else "images"
        with failure_in_place():
            known[asked] = uploads.pack(
                state.store().settings,
                f"{top}.zip",
                sorted(((str(file.name), file) for file in files), key=lambda f: f[0]),
            ).id
    if known[asked] in _used():
        return None
    with failure_in_place():
        return uploads.find(state.store().settings, known[asked])


def _from_folder() -> ServerFile | None:
    """The file picked from the server's folder."""
    settings = state.store().settings
    with failure_in_place():
        files, more = uploads.server_files(settings)
    by_name = {file.name: file for file in files}
    shown_as = dict(zip(by_name, headings(map(_entry, files)), strict=True))
    name = st.selectbox(
        "From the server's folder",
        list(by_name),
        index=None,
        key="upload_server_file",
        format_func=lambda name: shown_as.get(name, visible(name)),
        placeholder="Choose a file" if files else "There is no file in it",
        disabled=not files,
        help="Newest first. The file stays where it is.",
    )
    if more:
        st.caption(f"The {len(files):,} newest files are listed, {more:,} older ones are not.")
    return by_name.get(name) if name is not None else None


def _entry(file: ServerFile) -> str:
    return f"{file.name} ({words.size(file.size)}, {words.date(file.changed)})"


def _used() -> list[str]:
    """Ids of this session's uploads that jobs have."""
    remembered: list[str] = st.session_state.setdefault("used_uploads", [])
    del remembered[:-MOST_REMEMBERED]
    return remembered


# --- the same bytes again -------------------------------------------------------------------------------


def _known(chosen: Chosen) -> Dataset | None:
    """The dataset that was made from exactly these bytes before. Equal bytes are equally many."""
    datasets = state.store().datasets
    if isinstance(chosen.file, ServerFile) and all(known.bytes != chosen.file.size for known in datasets.find()):
        return None
    with failure_in_place():
        return datasets.by_source(chosen.sha256)


def _again(known: Dataset, chosen: Chosen) -> bool:
    """Say that the file is here already, with what to do; whether it shall be read once more."""
    wanted: str | None = st.session_state.get("upload_again")
    if wanted == chosen.sha256:
        return True
    st.info(
        f"You have this file already: **{plain(known.name)}**, read {words.date(known.created_at)}.",
        icon=":material/info:",
    )
    open_it, read_again = st.columns(2)
    with open_it:
        if st.button("Open it", type="primary", width="stretch", key="open_known"):
            go("data", dataset=known.id)
    with read_again:
        if st.button("Read it again", width="stretch", key="read_known"):
            st.session_state["upload_again"] = chosen.sha256
            st.rerun()
    return False


def _sha256(file: ServerFile) -> str:
    return _sha256_of(str(file.path), file.size, file.changed)


@st.cache_data(show_spinner="Looking whether you have this file already…", max_entries=100)
def _sha256_of(path: str, size: int, changed: float) -> str:  # a changed file is another one
    return uploads.checksum(Path(path))
