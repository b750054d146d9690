"""The flagged rows as a table, a page at a time, with what made each strange and how others rank it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.export.csv import flagged_csv
from core.results import Flags, Scores, Threshold
from core.scoring.events import event_numbers
from core.scoring.stability import Stability
from core.storage.records import to_json
from dashboard import load, state, words
from dashboard.blocks.download import Written, download, written_by_jobs
from dashboard.blocks.images.wall import wall
from dashboard.blocks.pages import page_of
from dashboard.blocks.run_header import Chosen
from dashboard.charts.text import visible
from dashboard.navigation import go

ROWS = 50
SOURCE_COLUMNS = 40
TOP = 3
AT_ONCE = 100_000  # cells that are written while the page waits, about half a second
NOTHING = "No row is over this threshold. Lower it, or ask for a number of rows."


def strangest_first(chosen: Chosen, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """These rows by score, the highest first."""
    return rows[np.argsort(-chosen.scores.values[rows], kind="stable")]


def flagged_table(chosen: Chosen, rows: NDArray[np.int64], again: NDArray[np.float64] | None = None) -> pd.DataFrame:
    """Score, percentile, verdict, top columns, ranks, label and source cells of some rows. again: how stable each flag is, (R,)."""
    store = state.store()
    scores, dataset = chosen.scores, chosen.dataset
    ranks = load.ranks(store, chosen.run, chosen.threshold.scorer)
    frame = pd.DataFrame(index=pd.Index(rows + 1, name="row"))
    identifiers = load.rows_frame(store, dataset, rows, dataset.identifiers)
    frame["score"] = scores.values[rows]
    frame["percentile"] = scores.percentiles[rows]
    if again is not None:
        frame["came again"] = 100.0 * again
    said = load.judged(store, dataset).newest
    if any(int(row) in said for row in rows):
        frame["verdict"] = [said[int(row)].verdict if int(row) in said else "" for row in rows]
    if dataset.pictures is None:
        frame["because of"] = [reasons(scores, row) for row in rows]
    for name, rank in ranks.by_detector.items():
        if name != "Autoencoder":
            frame[f"{name} rank"] = rank[rows]
    names = [column.name for column in dataset.columns if column.role == "label"]
    names += [column.name for column in dataset.columns if column.name not in (*names, *dataset.identifiers)]
    cells = load.rows_frame(store, dataset, rows, tuple(names[:SOURCE_COLUMNS]))
    taken = [*frame.columns, "row"]
    return pd.concat([_apart(identifiers, taken), frame, _apart(cells, taken)], axis=1)


def _apart(cells: pd.DataFrame, taken: Sequence[str]) -> pd.DataFrame:
    return cells.rename(columns={name: source_name(name, taken) for name in cells.columns})


def source_name(name: str, taken: Collection[str]) -> str:
    """A source column's name, marked where it is that of one of ours."""
    return f"{name} (source)" if name in taken else name


def top_columns(errors: NDArray[np.float32], names: Sequence[str]) -> str:
    """The three columns with the largest part of a row's score, with their share."""
    total = float(errors.sum())
    order = np.argsort(-errors, kind="stable")[:TOP]
    return ", ".join(f"{visible(names[i])} {_share(errors[i] / total)}" for i in order if total > 0 and errors[i] > 0)


def reasons(scores: Scores, row: int) -> str:
    """What made a row strange: its columns with their share, of a series with how many times worse than usual."""
    errors = scores.column_errors[row]
    if scores.course is None:
        return top_columns(errors, scores.columns)
    order = [i for i in np.argsort(-errors, kind="stable")[:TOP] if errors[i] > 1] or [int(errors.argmax())]
    return ", ".join(f"{visible(scores.columns[i])} {errors[i]:.3g}×" for i in order)


def _share(part: float) -> str:
    return f"{part:.0%}" if part >= 0.01 else "<1%"


def table_columns() -> dict[str, Any]:
    """How the columns of `flagged_table` that are ours are shown."""
    return {
        "score": st.column_config.NumberColumn("score", format="%.4g", help="Higher is stranger."),
        "percentile": st.column_config.NumberColumn(
            "percentile", format="%.3f", help="The share of rows with a lower score."
        ),
        "came again": st.column_config.NumberColumn(
            "came again", format="%.0f %%", help="Share of the further trainings in which the row is flagged too."
        ),
        "because of": st.column_config.TextColumn(
            "because of", width=260, help="The columns with the largest part of the score."
        ),
    }


def flagged_rows(chosen: Chosen, flags: Flags, stable: Stability | None) -> None:
    """A page of flagged rows, with how often each came again; choosing one leads to its errors."""
    if len(flags.rows) == 0:
        some = state.only_selected(chosen.dataset.id) and len(
            load.flagged(state.store(), chosen.run, flags.threshold).rows
        )
        said = "None of the selected rows is flagged." if some else NOTHING
        st.info(said, icon=":material/flag:")
        return
    if chosen.dataset.pictures is not None:
        wall(chosen, flags.rows, key=f"flagged_{flags.threshold.id}")
        return
    page = page_of(len(flags.rows), ROWS, key=f"flagged_page_{chosen.run.id}")
    rows = flags.rows[page]
    table = flagged_table(chosen, rows, None if stable is None else stable.again[page])
    if not ticked_row(chosen, table, rows, f"flagged_{flags.threshold.id}_{page.start}", "why_row"):
        st.caption("Tick a row to see why it was flagged.")


def ticked_row(chosen: Chosen, table: pd.DataFrame, rows: NDArray[np.int64], key: str, button: str) -> bool:
    """A table of rows of which one can be ticked, and asked why it is strange; whether one is ticked. button: its key.

    Who asks is led to the row that was ticked, also where another tab's choice has put another table in place of that one.
    """
    asked = f"{button}_asked"
    if wanted := st.session_state.pop(asked, None):
        go("errors", run=chosen.run.id, row=wanted, view=state.param("view"))
    picked = st.dataframe(table, key=key, on_select="rerun", selection_mode="single-row", column_config=table_columns())
    ticked = picked["selection"]["rows"]
    if not ticked:
        return False
    row = int(rows[ticked[0]])
    wanted = str(chosen.scores.row_keys[row])
    ask = {"on_click": _ask, "args": (asked, wanted)}
    if st.button(f"Why row {row + 1}?", type="primary", key=button, **ask):
        go("errors", run=chosen.run.id, row=wanted, view=state.param("view"))
    return True


def _ask(asked: str, row_key: str) -> None:
    st.session_state[asked] = row_key


def download_flagged(chosen: Chosen, flags: Flags, stable: Stability | None) -> None:
    """All flagged rows as CSV, with how often each came again."""
    if len(flags.rows) == 0:
        return
    series = chosen.scores.course is not None  # of which it is not found out
    again = np.full(len(flags.rows), np.nan) if stable is None else stable.again
    name = "the flagged rows as CSV" if series else "the CSV"
    download_rows(chosen, flags.rows, "flagged", flags.threshold, None if series else again, name)


def download_rows(
    chosen: Chosen,
    rows: NDArray[np.int64],
    stem: str,
    threshold: Threshold,
    again: NDArray[np.float64] | None = None,
    name: str = "the CSV",
) -> None:
    """Rows as CSV, with cells that a spreadsheet would run made harmless; many by a job. name: on the button; again: as
    core.export.csv.flagged_csv."""
    store = state.store()
    these = hashlib.sha256(rows.tobytes())
    what = f"{stem}_{chosen.run.id}_{threshold.value}"
    called = f"{words.count(len(rows), chosen.dataset.item)} as CSV"
    if len(rows) * len(chosen.dataset.columns) > AT_ONCE:

        def args() -> dict[str, Any]:
            put = store.artifacts.put_array
            return {
                "what": "rows",
                "threshold": to_json(Threshold, threshold),
                "rows": put(store.space, rows),
                **({} if again is None else {"again": put(store.space, again)}),
            }

        these.update(b"" if again is None else again.tobytes())
        written_by_jobs([Written("csv", name, called)], stem, chosen.run, f"{what}_{these.hexdigest()[:12]}", args)
        return
    # A file that was prepared stays where it is while it is found out how often each came again: it goes from under nobody's hand.
    download(
        f"csv_{what}_{these.hexdigest()[:12]}",
        called,
        stem,
        lambda: flagged_csv(
            store,
            chosen.run,
            chosen.dataset,
            chosen.scores,
            rows,
            chosen.scores.values >= threshold.value,
            numbered=True,
            events=event_numbers(chosen.scores, threshold.value),
            again=again,
        ),
        prepare=f"Prepare {name}",
    )
