"""What a page shows, as one HTML file that opens anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.results import Flags
from core.serving import ask
from dashboard import load, state, words
from dashboard.blocks.evaluation import beside_pca, verdict_text
from dashboard.blocks.flagged_rows import flagged_table, strangest_first
from dashboard.blocks.images.frames import in_thumbs
from dashboard.blocks.images.one_image import pictures_of
from dashboard.blocks.images.wall import in_order
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.series.events import events_charts, events_table
from dashboard.blocks.series.one_stretch import EVENTS, event_figures, stretch_figure, why_unseen
from dashboard.blocks.threshold_editor import in_words, why_not_as_asked
from dashboard.blocks.versions import apart
from dashboard.blocks.worst_rows import WORST, healthy_errors, worst
from dashboard.charts.errors import error_heatmap, score_histogram
from dashboard.charts.evaluation import evaluation_intervals
from dashboard.charts.pixels import framed, png
from dashboard.charts.theme import FLAGGED
from dashboard.snapshot import snapshot_html

ROWS = 500
PICTURES = 200  # of a wall of images


def _html(
    page: str,
    chosen: Chosen,
    figures: Sequence[go.Figure],
    tables: Sequence[tuple[str, pd.DataFrame]],
    more: Mapping[str, str] | None = None,
    pictures: Sequence[tuple[str, bytes]] = (),
) -> str:
    """The file. more: facts of this page alone; pictures: captions and PNG files."""
    made = f" ({said})" if (said := apart(chosen.dataset)) else ""
    why = why_not_as_asked(chosen, chosen.threshold)
    facts = {
        "Data": f"{chosen.dataset.name}{made}, {words.count(chosen.dataset.rows, chosen.dataset.item)}",
        "Run": f"{chosen.run.name}, {words.date(chosen.run.created_at)}, by {chosen.run.author}",
        "Threshold": " ".join(in_words(chosen, chosen.threshold)) + (f"; {why}" if why else ""),
        "Beside the baselines": " ".join((verdict_text(chosen), beside_pca(chosen.run, chosen.dataset))).strip(),
    }
    if notices := chosen.run.summary.get("notices"):
        facts["Said of the data"] = "; ".join(notices)
    return snapshot_html(f"{page}: {chosen.run.name}", {**facts, **(more or {})}, list(figures), list(tables), pictures)


def _pictures(
    chosen: Chosen, rows: NDArray[np.int64], scores: NDArray[np.float64] | None = None
) -> list[tuple[str, bytes]]:
    """Images with their worst spot framed, and their scores, (N,), the run's own by default; none of a table's rows."""
    if len(rows) == 0 or chosen.dataset.pictures is None:
        return []
    rows, said = rows[:PICTURES], chosen.scores.values if scores is None else scores
    store = state.store()
    names = load.rows_frame(store, chosen.dataset, rows, chosen.dataset.identifiers[:1]).to_numpy()
    boxes = in_thumbs(chosen.dataset, rows, load.worst_spots(store, chosen.run, rows))
    return [
        (f"{name[0]}, score {said[row]:.4g}", png(framed(image, box, FLAGGED)))
        for row, name, image, box in zip(rows, names, load.thumbs(store, chosen.dataset, rows), boxes, strict=True)
    ]


def _in_full(chosen: Chosen, row: int) -> list[tuple[str, bytes]]:
    """One image as it is, as it was rebuilt, and where it differs. Raises ServingUnavailable."""
    answer = ask(state.store(), "rebuild", run_id=chosen.run.id, row=row)
    name = load.rows_frame(state.store(), chosen.dataset, np.asarray([row]), ("file",)).iloc[0, 0]
    return [(f"{name}: {said}", png(image)) for said, image in pictures_of(chosen, answer).items()]


def _distribution(chosen: Chosen) -> go.Figure:
    scores = chosen.scores
    return score_histogram(scores.values[scores.scored], chosen.threshold.value, log=True, item=chosen.dataset.item)


def anomalies_snapshot(chosen: Chosen, flags: Flags) -> str:
    """The flagged rows and the evaluation."""
    found = [item for item in load.evaluations(state.store(), chosen.run, chosen.threshold.scorer) if not item.refused]
    figures = [_distribution(replace(chosen, threshold=flags.threshold))]
    if found:
        figures.append(evaluation_intervals(found))
    if chosen.scores.course is not None:
        events = load.events(state.store(), chosen.run, flags.threshold)
        figures = [*events_charts(chosen, flags.threshold, events), *figures]
        title = f"Flagged events (the first {len(events[:ROWS]):,} of {len(events):,})"
        return _html(
            "Anomalies",
            chosen,
            figures,
            [(title, events_table(chosen, events[:ROWS]).set_index("event"))] if events else [],
        )
    rows = flags.rows[:ROWS]
    title = f"Flagged {chosen.dataset.item}s (the first {len(rows):,} of {len(flags.rows):,})"
    return _html("Anomalies", chosen, figures, [(title, flagged_table(chosen, rows))], pictures=_pictures(chosen, rows))


def errors_snapshot(chosen: Chosen, row: int) -> str:
    """The distribution and the worst rows; of a series the stretch around a row, of images one in full.

    Raises ServingUnavailable.
    """
    figures = [_distribution(chosen)]
    if chosen.scores.course is not None:
        events = load.events(state.store(), chosen.run, chosen.threshold)[:EVENTS]
        figures += [event_figures(chosen, events)[0]] if events else []
        tables = [("The worst events", events_table(chosen, events).set_index("event"))] if events else []
        stretch = stretch_figure(chosen, row)
        if stretch is None:
            return _html("Errors", chosen, figures, tables, {f"Row {row + 1:,}": why_unseen(chosen, row)})
        where, figure = stretch
        return _html("Errors", chosen, [*figures, figure], tables, {"Actual beside expected": where})
    if chosen.dataset.pictures is not None:  # an image has no columns
        by, scores, ordered = in_order(chosen, worst(chosen, None))
        shown = ordered[:WORST]
        pictures = [*_in_full(chosen, row), *_pictures(chosen, shown, scores)]
        title = f"The worst images by {by}"
        return _html("Errors", chosen, figures, [(title, flagged_table(chosen, shown))], pictures=pictures)
    rows = worst(chosen)
    errors = np.asarray(chosen.scores.column_errors[rows])
    figures.append(
        error_heatmap(errors, healthy_errors(chosen), chosen.scores.columns, [f"row {row + 1}" for row in rows])
    )
    return _html("Errors", chosen, figures, [("The worst rows", flagged_table(chosen, rows))])


def map_snapshot(chosen: Chosen, figures: Sequence[go.Figure], selected: np.ndarray) -> str:
    """The maps as still charts, and the selected rows."""
    rows = strangest_first(chosen, selected)[:ROWS]
    tables = [
        (f"Selected {chosen.dataset.item}s (the first {len(rows):,} of {len(selected):,})", flagged_table(chosen, rows))
    ]
    return _html("Map", chosen, figures, tables if len(rows) else [], pictures=_pictures(chosen, rows))
