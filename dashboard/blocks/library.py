"""What is under way, and all data and runs of the space: found, continued, renamed, tagged, deleted."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from core.results import Dataset, Job, Run
from core.storage.datasets import Datasets
from core.storage.runs import Runs
from dashboard import state, words
from dashboard.blocks.confirm_delete import confirm_delete
from dashboard.blocks.failure import failure_in_place, show_record
from dashboard.blocks.questions import questions_link
from dashboard.blocks.trials import apart_from_trials, open_search, search_line
from dashboard.blocks.versions import version
from dashboard.charts.markdown import plain
from dashboard.navigation import go, link
from dashboard.tick import ticking

PAGE = 8  # datasets shown at once
RUNS = 20  # of a dataset
LOOKED_BACK = 20  # runs, of which the newest that did not fail is gone on with
UNREAD = 3  # refused files shown at once


def library() -> None:
    """Files that were not read, then datasets with their runs under a search box."""
    with st.container():
        _unread()
    st.subheader("Data and runs")
    search = st.text_input("Search by name, note or tag", key="library_search", icon=":material/search:")
    store = state.store()
    found = store.datasets.find(search)
    by_run = {run.dataset_id for run in store.runs.find(search)} if search else set()
    known = {dataset.id for dataset in found}
    found += [store.datasets.get(id_) for id_ in by_run - known]
    if not found:
        st.info("Nothing is called that." if search else "Nothing here yet: upload a file above, or try a sample.")
        return
    pages = -(-len(found) // PAGE)
    number = st.pagination(pages, key="library_page") if hasattr(st, "pagination") and pages > 1 else _pager(pages)
    for dataset in found[(number - 1) * PAGE : number * PAGE]:
        _dataset(dataset)


def _pager(pages: int) -> int:
    if pages == 1:
        return 1
    return int(st.number_input(f"Page (of {pages})", 1, pages, key="library_page_number", width=160))


def under_way() -> None:
    """The newest run to go on with, and the jobs that run or wait."""
    # Containers of their own: an open menu further down stays open when what stands here goes.
    with st.container():
        _continue()
    with st.container():
        _jobs()


def _continue() -> None:
    runs, _ = apart_from_trials(None, LOOKED_BACK)
    run = next((each for each in runs if each.state != "failed"), None)
    if run is None:
        return
    dataset = state.store().datasets.get(run.dataset_id)
    label = f"Continue: {plain(run.name)} on {plain(dataset.name)}{version(dataset)} ({words.ago(run.created_at)})"
    link("anomalies" if run.ready else "train", label, icon=":material/resume:", run=run.id)


def _jobs() -> None:
    jobs = state.store().jobs.find(("running", "queued"), limit=20)
    busy = [job for job in jobs if job.kind != "recognise"]  # which is said where the file was chosen
    if not busy:
        return
    st.subheader("Jobs")

    def _live() -> None:
        now = [state.store().jobs.get(job.id) for job in busy]
        if any(job.ended for job in now):
            st.rerun()
        for job in reversed(now):
            _job(job)

    ticking(_live, 2.0, key="library")


def _unread() -> None:
    """Files that did not become data, until they are dismissed."""
    lost = [job for job in state.store().jobs.find(("interrupted", "failed"), limit=20) if job.kind == "ingest"]
    if lost:
        st.subheader("Files that were not read")
        for job in lost[:UNREAD]:
            _job(job)
        if len(lost) > UNREAD:
            with st.expander(f"{words.count(len(lost) - UNREAD, 'more file')}"):
                for job in lost[UNREAD:]:
                    _job(job)


def _job(job: Job) -> None:
    text, cancel, look = st.columns([6, 1, 1], vertical_alignment="center")
    title = f"{words.job_title(job)} {plain(str(job.args.get('name', '')))}".strip()
    with text:
        if job.state == "queued":
            st.markdown(f"{title}: number {job.position} in the queue")
        elif job.state == "running":
            st.progress(min(1.0, job.fraction), text=f"{title}: {plain(job.message)}")
        else:
            st.markdown(f"{title} {words.state_badge(job.state)}")
            if job.error:
                show_record(job.error)
    with cancel:
        if not job.ended and st.button("Cancel", key=f"library_cancel_{job.id}"):
            state.store().jobs.request(job.id, "cancel")
        if job.resumable and st.button("Resume", key=f"library_resume_{job.id}"):
            with failure_in_place():
                state.store().jobs.resume(job.id)
            st.rerun(scope="app")
    with look:
        if job.ended and st.button("Dismiss", key=f"library_dismiss_{job.id}", help="Take this off the list"):
            state.store().jobs.forget(job.id)
            st.rerun(scope="app")
        if job.run_id:
            link("train", "Open", run=job.run_id)
        elif job.dataset_id:
            link("data", "Open", dataset=job.dataset_id)
        elif job.kind == "ingest":
            link("home", "Open", icon=":material/open_in_full:", job=job.id)


def _dataset(dataset: Dataset) -> None:
    store = state.store()
    with st.container(border=True):
        title, buttons = st.columns([5, 2], vertical_alignment="center")
        with title:
            shape = f"{words.count(dataset.rows, dataset.item)} × {words.count(len(dataset.columns), 'column')}"
            st.markdown(
                f"**{plain(dataset.name)}** · {shape} · {words.ago(dataset.created_at)}{version(dataset)}{_tags(dataset.tags)}"
            )
            if dataset.note:
                st.caption(plain(dataset.note))
            questions_link(dataset)
        with buttons, st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Open", key=f"open_{dataset.id}"):
                go("data", dataset=dataset.id)
            _edit("dataset", dataset, store.datasets)
        runs, searches = apart_from_trials(dataset.id, RUNS)
        for run in runs:
            _run(run)
        for search in searches:
            text, button = st.columns([5, 2], vertical_alignment="center")
            with text:
                search_line(search)
            with button, st.container(horizontal=True, horizontal_alignment="right"):
                open_search(search, "library")


def _run(run: Run) -> None:
    title, buttons = st.columns([5, 2], vertical_alignment="center")
    with title:
        st.markdown(
            f":material/subdirectory_arrow_right: {plain(run.name)} {words.state_badge(run.state)} · "
            f"{words.ago(run.created_at)}{_tags(run.tags)}"
        )
        if run.note:
            st.caption(plain(run.note))
        if run.state == "failed" and (job := state.store().jobs.get(run.job_id)).kind == "score" and job.error:
            st.caption(f":material/info: Not scored: {plain(job.error['what'])}.")
    with buttons, st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Continue", key=f"continue_{run.id}"):
            go("anomalies" if run.ready else "train", run=run.id)
        _edit("run", run, state.store().runs)


def _tags(tags: tuple[str, ...]) -> str:
    return "".join(f" :gray-badge[{plain(tag)}]" for tag in tags)


def _edit(word: Literal["dataset", "run"], item: Dataset | Run, repository: Datasets | Runs) -> None:
    """Rename, note, tags and delete, behind one button."""
    with st.popover("Edit", help=f"Rename, tag or delete this {word}", key=f"popover_{item.id}"):
        with st.form(f"edit_{item.id}", border=False):
            name = st.text_input("Name", item.name, max_chars=200)
            note = st.text_area("Note", item.note, max_chars=2_000)
            tags = st.text_input("Tags, separated by commas", ", ".join(item.tags), max_chars=400)
            if st.form_submit_button("Save"):
                with failure_in_place():
                    repository.rename(item.id, name)
                    split = tuple(dict.fromkeys(tag.strip() for tag in tags.split(",") if tag.strip()))
                    repository.change(item.id, note=note.strip(), tags=list(split))
                st.toast("Saved", icon=":material/check:")
                st.rerun()
        if st.button("Delete…", key=f"delete_{item.id}", icon=":material/delete:"):
            gone = repository.would_remove(item.id).lines()
            confirm_delete(word, item.name, lambda: repository.delete(item.id), gone)
