"""What a page shows, as one HTML file that opens anywhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.results import Flags
from dashboard import load, state, words
from dashboard.blocks.evaluation import beside_pca
from dashboard.blocks.flagged_rows import flagged_table, strangest_first
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.series.events import events_chart, events_table
from dashboard.blocks.series.one_stretch import EVENTS, event_figures
from dashboard.blocks.versions import apart
from dashboard.blocks.worst_rows import worst
from dashboard.charts.errors import error_heatmap, score_histogram
from dashboard.charts.evaluation import evaluation_intervals
from dashboard.snapshot import snapshot_html

ROWS = 500


def _html(page: str, chosen: Chosen, figures: Sequence[go.Figure], tables: Sequence[tuple[str, pd.DataFrame]]) -> str:
    made = f" ({said})" if (said := apart(chosen.dataset)) else ""
    facts = {
        "Data": f"{chosen.dataset.name}{made}, {words.count(chosen.dataset.rows, chosen.dataset.item)}",
        "Run": f"{chosen.run.name}, {words.date(chosen.run.created_at)}, by {chosen.run.author}",
        "Threshold": f"score from {chosen.threshold.value:.4g}: {words.count(chosen.threshold.flagged, 'event' if chosen.scores.course is not None else chosen.dataset.item)} flagged",
        "Beside the baselines": " ".join(
            (chosen.run.summary["verdict_text"], beside_pca(chosen.run, chosen.dataset))
        ).strip(),
    }
    return snapshot_html(f"{page}: {chosen.run.name}", facts, list(figures), list(tables))


def anomalies_snapshot(chosen: Chosen, flags: Flags) -> str:
    """The flagged rows and the evaluation."""
    found = [item for item in load.evaluations(state.store(), chosen.run) if not item.refused]
    figures = [score_histogram(chosen.scores.values, flags.threshold.value, item=chosen.dataset.item)]
    if found:
        figures.append(evaluation_intervals(found))
    if chosen.scores.course is not None:
        events = load.events(state.store(), chosen.run, flags.threshold)
        figures.insert(0, events_chart(chosen, flags.threshold))
        title = f"Flagged events (the first {len(events[:ROWS]):,} of {len(events):,})"
        return _html("Anomalies", chosen, figures, [(title, events_table(chosen, events[:ROWS]))] if events else [])
    rows = flags.rows[:ROWS]
    title = f"Flagged rows (the first {len(rows):,} of {len(flags.rows):,})"
    return _html("Anomalies", chosen, figures, [(title, flagged_table(chosen, rows))])


def errors_snapshot(chosen: Chosen) -> str:
    """The distribution and the worst rows."""
    rows = worst(chosen)
    figures = [score_histogram(chosen.scores.values, chosen.threshold.value, item=chosen.dataset.item)]
    if chosen.scores.course is not None:
        events = load.events(state.store(), chosen.run, chosen.threshold)[:EVENTS]
        figures += [event_figures(chosen, events)[0]] if events else []
        return _html("Errors", chosen, figures, [("The worst events", events_table(chosen, events))] if events else [])
    if chosen.dataset.pictures is None:  # an image has no columns
        errors = np.asarray(chosen.scores.column_errors[rows])
        figures.append(error_heatmap(errors, chosen.scores.columns, [f"row {row + 1}" for row in rows]))
    return _html("Errors", chosen, figures, [(f"The worst {chosen.dataset.item}s", flagged_table(chosen, rows))])


def map_snapshot(chosen: Chosen, figure: go.Figure, selected: np.ndarray) -> str:
    """The map as a still chart, and the selected rows."""
    rows = strangest_first(chosen, selected)[:ROWS]
    tables = [(f"Selected rows (the first {len(rows):,} of {len(selected):,})", flagged_table(chosen, rows))]
    return _html("Map", chosen, [figure], tables if len(rows) else [])
