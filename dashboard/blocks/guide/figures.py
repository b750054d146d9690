"""Each chapter's figures, by name: taken from a run where one is told on, else from formulas and a usual network."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import glossary
from core.datasets.typed import numeric
from core.errors import HourglassError
from core.glossary import Chapter, Term
from core.serving import ask
from core.specs import LAYERS, OBJECTIVES, Plan, RunSpec, Windows
from dashboard import load, state
from dashboard.blocks.guide.told import STRANGEST, USUAL, Told
from dashboard.charts.errors import score_histogram, score_histogram_table
from dashboard.charts.guide import codes, formulas, learning, network, scores
from dashboard.charts.guide.drawn import Drawn
from dashboard.charts.markdown import plain
from dashboard.charts.theme import PLOTLY_CONFIG

PATIENCE = 0.9  # seconds that an answer of the trained model is waited for
OF_ONE_ROW = ("code", "rebuilt", "shares")
ASKED_ROWS = 200  # of the figure of one column
NOT_YET = "This run is older than the keeping of this measure. A new run has it: Copy and change, on the run's page."
UNMEASURED = "This was not measured for this run: it had no rows to validate on, or no numbers to compare."
USUAL_SHAPES: dict[str, tuple[int, ...]] = {"table": (30,), "images": (28, 28, 1), "series": (64, 6)}

Answer = Drawn | str  # a sentence where there is nothing to draw
Figure = Callable[[Told, Chapter], Answer]


def chapter_figures(term: Term, told: Told | None) -> None:
    """The figures of the chapter that tells of a term."""
    chapter = glossary.chapter_of(term.key)
    if told is not None and set(chapter.figures) & set(OF_ONE_ROW):
        which = st.segmented_control(
            f"Which {told.dataset.item}", (STRANGEST, USUAL), default=STRANGEST, required=True, key="guide_which"
        )
        told = replace(told, which=str(which))
    for name in chapter.figures:
        _show(name, FIGURES[name](told, chapter) if told is not None else without_run(name, chapter))


def _show(name: str, drawn: Answer) -> None:
    if isinstance(drawn, str):
        st.info(plain(drawn), icon=":material/info:")
        return
    st.plotly_chart(drawn.figure, config=PLOTLY_CONFIG, key=f"guide_{name}")
    if drawn.words:
        st.caption(plain(drawn.words))
    with st.expander("The same as a table"):
        st.dataframe(drawn.table, hide_index=True)


# --- without a run ---------------------------------------------------------------------------------------


def usual_network(layers: str, sort: str) -> Plan:
    """What would be built of such layers for rows of a usual shape."""
    windows = Windows() if sort == "series" else None
    return RunSpec(layers=layers, windows=windows).checked().plan(USUAL_SHAPES[sort])


def without_run(name: str, chapter: Chapter) -> Drawn:
    """From a formula where there is one, else the network that would be built for a usual table."""
    if name in FORMULAS:
        return FORMULAS[name](chapter)
    drawn = network.network(usual_network("fully_connected", "table"))
    return replace(drawn, words=f"Until there is a run to tell this on: a usual network for 30 inputs. {drawn.words}")


def _layers_of(chapter: Chapter) -> str:
    return next(name for name in LAYERS if glossary.layers_key(name) == chapter.key)


def _usual_layers(chapter: Chapter) -> Drawn:
    name = _layers_of(chapter)
    sort = LAYERS.get(name).suits[0]
    drawn = network.network(usual_network(name, sort))
    what = {
        "table": "rows of 30 inputs",
        "images": "grey images of 28 × 28",
        "series": "windows of 64 steps of 6 sensors",
    }
    return replace(drawn, words=f"Not from a run: what would be built for {what[sort]}. {drawn.words}")


EXAMPLE = tuple(f"column {i}" for i in range(1, 13))


def _usual(name: str, field: str) -> Any:
    """The default of an autoencoder's setting."""
    return OBJECTIVES.get(name).settings.model_fields[field].default


FORMULAS: dict[str, Callable[[Chapter], Drawn]] = {
    "activations": lambda _: formulas.activations(),
    "loss_terms": lambda _: formulas.loss_terms(),
    "dropout": lambda _: formulas.dropout(0.2),
    "noise": lambda _: formulas.noise(float(_usual("denoising", "strength"))),
    "hidden_columns": lambda _: formulas.hidden_columns(EXAMPLE, float(_usual("masked", "hidden_share"))),
    "kl": lambda _: formulas.kl_cost(),
    "steps": lambda _: formulas.steps(1_000, 64),
    "windows": lambda _: formulas.windows(Windows().length, Windows().step),
    "image_sizes": lambda _: formulas.image_sizes(None, 1),
    "sizes": lambda _: network.sizes(30, 10, "row"),
    "layers": _usual_layers,
}


# --- told on a run ---------------------------------------------------------------------------------------


def _layers(told: Told, chapter: Chapter) -> Answer:
    return network.network(told.plan) if told.spec.layers == _layers_of(chapter) else _usual_layers(chapter)


def _setting(told: Told, name: str) -> Any:
    """A setting of the run's layers or objective; None where it has none of that name."""
    return {**told.spec.layer_settings, **told.spec.objective_settings}.get(name)


def _numbers_only(told: Told) -> bool:
    """Whether network and PCA were compared on fewer columns than the PCAs by width were."""
    by_row = told.dataset.pictures is None and told.spec.windows is None
    return by_row and any(column.kind != "number" for column in told.dataset.features)


def _widths(told: Told, _: Chapter) -> Answer:
    found = told.run.summary
    error = found.get("error_network")
    own = None if error is None else (told.plan.kept, float(error))
    pairs = [(int(width), float(value)) for width, value in found.get("pca_by_width") or ()]
    drawn = network.widths(
        pairs, found.get("error_means"), own, found.get("error_pca"), numbers_only=_numbers_only(told)
    )
    return drawn or (UNMEASURED if "pca_by_width" in found else NOT_YET)


def _beside_pca(told: Told, _: Chapter) -> Answer:
    found = told.run.summary
    errors = (found.get(name) for name in ("error_network", "error_pca", "error_means"))
    return network.beside_pca(*errors, numbers_only=_numbers_only(told)) or UNMEASURED


def _rates(told: Told, _: Chapter) -> Answer:
    tried, found = told.run.summary.get("rate_test") or ([], [])
    if tried:
        return learning.range_test(tried, found, float(told.run.summary["rate"]))
    return learning.rates(told.metrics, told.spec.training.learning_rate)


def _gradient(told: Told, _: Chapter) -> Answer:
    title, clip = "Mean length of the gradient by epoch", told.spec.training.clip
    drawn = learning.measure(
        told.metrics, "gradient norm", title, "gradient norm", line=clip, line_is="clipping length"
    )
    return drawn or NOT_YET


def _usage(told: Told, _: Chapter) -> Answer:
    title = "How much of the code is used, by epoch"
    return learning.measure(told.metrics, "code usage", title, "share of the code in use") or NOT_YET


def _noise(told: Told, _: Chapter) -> Answer:
    mine = told.spec.objective == "denoising"
    strength = float(_setting(told, "strength") if mine else _usual("denoising", "strength"))
    kind = str(_setting(told, "noise")) if mine else "gaussian"
    if kind == "gaussian":
        drawn = formulas.noise(strength)
    else:
        words = {"swap": "taken from another row", "masking": "blanked", "erased": "erased"}
        drawn = formulas.hidden_columns(_parts(told), strength, words.get(kind, "spoilt"))
    return drawn if mine else replace(drawn, words=f"This run is not a denoising one. {drawn.words}")


def _hidden_columns(told: Told, _: Chapter) -> Answer:
    mine = told.spec.objective == "masked"
    share = float(_setting(told, "hidden_share") if mine else _usual("masked", "hidden_share"))
    drawn = formulas.hidden_columns(_parts(told), share)
    return drawn if mine else replace(drawn, words=f"This run is not a masked one. {drawn.words}")


def _parts(told: Told) -> tuple[str, ...]:
    """What is hidden together: columns, or patches of an image."""
    return (
        tuple(told.run.summary["columns"])
        if told.dataset.pictures is None
        else tuple(f"patch {i}" for i in range(1, 21))
    )


def _active_units(told: Told, _: Chapter) -> Answer:
    sparse = told.spec.objective == "sparse"
    target = float(_setting(told, "active")) if sparse else None
    return codes.active_units(told.codes, target, by_mean=sparse and _setting(told, "penalty") == "KL")


def _kl(told: Told, _: Chapter) -> Answer:
    drawn = learning.terms(told.metrics) if told.spec.objective == "variational" else None
    return drawn or replace(formulas.kl_cost(), words=f"This run has no KL term by epoch. {formulas.kl_cost().words}")


def _stages(told: Told, _: Chapter) -> Answer:
    if found := told.run.summary.get("stages"):
        return learning.stages(found)
    drawn = network.network(told.plan)
    return replace(drawn, words=f"This run was not trained level by level; this is its network. {drawn.words}")


def _dropout(told: Told, _: Chapter) -> Answer:
    share = float(_setting(told, "dropout") or 0)
    drawn = formulas.dropout(share or 0.2)
    return drawn if share else replace(drawn, words=f"This run has no dropout; drawn for 20 %. {drawn.words}")


def _windows(told: Told, _: Chapter) -> Answer:
    found = told.spec.windows
    drawn = formulas.windows((found or Windows()).length, (found or Windows()).step)
    return (
        drawn
        if found
        else replace(drawn, words=f"This run looks at rows by themselves; drawn for usual windows. {drawn.words}")
    )


def _image_sizes(told: Told, _: Chapter) -> Answer:
    found = told.dataset.pictures
    return formulas.image_sizes(found.height if found else None, found.channels if found else 1)


def _map(told: Told, _: Chapter) -> Answer:
    stored = [found for found in state.store().projections.of_run(told.run.id) if found.method == "pca"]
    if not stored:
        return "There is no map of this run."
    points = load.points(state.store(), stored[0])
    rows = load.map_rows(state.store(), told.run)
    return codes.small_map(points, told.scores.values[rows] >= told.threshold.value, told.piece)


def _code(told: Told, _: Chapter) -> Answer:
    return codes.code(
        told.codes,
        told.all_codes[told.place],
        f"the {told.piece} about row {told.row + 1:,}" if told.spec.windows else told.who,
    )


def _histogram(told: Told, _: Chapter) -> Answer:
    values, cut = told.looked_at, told.threshold.value
    table = score_histogram_table(values, cut, log=True)
    words = f"{int((values >= cut).sum()):,} of {len(values):,} are flagged at the run's threshold."
    return Drawn(score_histogram(values, cut, log=True, item=told.dataset.item), table, words)


def _shares(told: Told, _: Chapter) -> Answer:
    if told.dataset.pictures is not None:
        return _rebuilt(told, _)
    return scores.shares(told.scores.columns, np.asarray(told.scores.column_errors[told.row], float))


def _agreement(told: Told, _: Chapter) -> Answer:
    rows = load.flagged(state.store(), told.run, told.threshold).rows
    ranks = {
        name: found[rows]
        for name, found in load.ranks(state.store(), told.run, told.threshold.scorer).by_detector.items()
    }
    return scores.agreement(ranks, "Autoencoder")


def _reading(told: Told, _: Chapter) -> Answer:
    found = told.dataset.reading
    return scores.reading(told.dataset.rows, found.rejected, found.mended)


# --- asked of the trained model --------------------------------------------------------------------------


@st.cache_resource(show_spinner=False, max_entries=32)
def _asked(_run: Any, address: str, question: str, asked: str, _payload: dict[str, Any]) -> dict[str, Any]:
    return ask(state.store(), question, within=PATIENCE, run_id=_run.id, **_payload)


def _ask(told: Told, question: str, **payload: Any) -> dict[str, Any]:
    """An answer soon, or none. Raises ServingUnavailable."""
    key = f"{state.store().space} {told.run.id} {sorted(payload.items())}"
    return _asked(told.run, told.run.artifacts["weights"], question, key, payload)


def _if_answered(figure: Figure) -> Figure:
    """The figure, or a sentence where the process that holds trained models doesn't answer soon."""

    def tried(told: Told, chapter: Chapter) -> Answer:
        try:
            return figure(told, chapter)
        except HourglassError:
            return (
                "This figure asks the trained network, and the process that holds it does not answer yet. It is started by "
                "itself: reload the page in some seconds."
            )

    return tried


def _rebuilt(told: Told, _: Chapter) -> Answer:
    if told.dataset.pictures is not None:
        answer = _ask(told, "rebuild", row=told.row)
        return scores.picture(_array(answer["original"]), _array(answer["rebuilt"]), told.who.capitalize())
    if told.scores.course is not None:
        return _stretch(told)
    answer = _ask(told, "explain", rows=[told.row])
    names, actual, expected = answer["columns"], answer["actual"][0], answer["expected"][0]
    places = np.stack([_place(told, name, actual[i], expected[i]) for i, name in enumerate(names)])
    errors = np.asarray(told.scores.column_errors[told.row], float)
    return scores.rebuilt(names, actual, expected, places, errors, told.who.capitalize())


def _place(told: Told, name: str, actual: str, expected: str) -> NDArray[np.float64]:
    """Where both lie between the column's least and greatest value, (2,); NaN for what is no number."""
    column = told.dataset.column(name)
    if (
        column.kind != "number"
        or column.minimum is None
        or column.maximum is None
        or not column.maximum > column.minimum
    ):
        return np.full(2, np.nan)
    values = np.asarray([numeric(column, np.asarray([actual or None], object))[0], float(expected)])
    with np.errstate(all="ignore"):
        return np.asarray((values - column.minimum) / (column.maximum - column.minimum))


def _worst_number(told: Told) -> str | None:
    """Of the number columns the one with the largest errors over all rows."""
    errors = np.asarray(told.scores.column_errors[spaced_rows(told)]).sum(axis=0)
    order = np.argsort(-errors, kind="stable")
    names = [told.scores.columns[i] for i in order]
    return next((name for name in names if told.dataset.column(name).kind == "number"), None)


def spaced_rows(told: Told) -> NDArray[np.int64]:
    """Some rows, evenly spaced among those that were looked at."""
    looked = np.flatnonzero(told.scores.scored)
    return looked[codes.spaced(len(looked), ASKED_ROWS)]


def _around(told: Told) -> tuple[int, int]:
    """First and last place of a window's length about the row, within its stretch of time."""
    course = told.scores.course
    place = course.place(told.row) if course is not None else None
    if course is None or place is None:
        return 0, 0
    mine = np.flatnonzero(course.stretch == course.stretch[place])
    first = max(int(mine[0]), place - course.length // 2)
    return first, min(int(mine[-1]), first + course.length - 1)


def _one_column(told: Told, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A number column about the row: what stands there and what was expected."""
    first, last = _around(told)
    said = _ask(told, "stretch", first=first, last=last, columns=[name])["columns"][name]
    actual, expected = (
        np.asarray([np.nan if cell is None else cell for cell in said[key]], float) for key in ("actual", "expected")
    )
    return actual, expected


def _stretch(told: Told) -> Answer:
    name = _worst_number(told)
    if name is None:
        return "No column of this run is a number."
    actual, expected = _one_column(told, name)
    return scores.stretch(actual, expected, name, told.who.capitalize())


def _scatter(told: Told, _: Chapter) -> Answer:
    if told.dataset.pictures is not None:
        answer = _ask(told, "rebuild", row=told.row)
        before, after = (_array(answer[name]).astype(float).ravel() for name in ("original", "rebuilt"))
        keep = codes.spaced(len(before), ASKED_ROWS)
        return scores.scatter(before[keep], after[keep], f"Brightness of {told.who}", item="pixel")
    name = _worst_number(told)
    if name is None:
        return "No column of this run is a number, so there is nothing to set against its reconstruction here."
    if told.scores.course is not None:
        return scores.scatter(*_one_column(told, name), name)
    rows = spaced_rows(told)
    answer = _ask(told, "explain", rows=rows.tolist())
    at = answer["columns"].index(name)
    cells = np.asarray([row[at] or None for row in answer["actual"]], object)
    return scores.scatter(
        numeric(told.dataset.column(name), cells), np.asarray([float(row[at]) for row in answer["expected"]]), name
    )


def _array(text: str) -> NDArray[Any]:
    array: NDArray[Any] = np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False)
    return array


FIGURES: dict[str, Figure] = {
    "network": lambda told, _: network.network(told.plan),
    "layers": _layers,
    "weights": lambda told, _: network.weights(told.plan),
    "widths": _widths,
    "beside_pca": _beside_pca,
    "sizes": lambda told, _: network.sizes(told.plan.widths[0], told.plan.kept, told.piece),
    "activations": lambda told, _: formulas.activations(_setting(told, "activation")),
    "loss_terms": lambda told, _: formulas.loss_terms(told.spec.number_loss_used),
    "steps": lambda told, _: formulas.steps(
        round(
            int(told.run.summary["rows_trained"])
            / told.dataset.rows
            * int(told.run.summary.get("pieces", told.dataset.rows))
        ),
        told.spec.training.batch_size,
    ),
    "losses": lambda told, _: learning.losses(told.metrics, told.best),
    "gap": lambda told, _: learning.gap(told.metrics, told.best) or "This run kept no rows to validate on.",
    "rates": _rates,
    "gradient": _gradient,
    "usage": _usage,
    "time": lambda told, _: learning.time(float(told.run.summary["train_seconds"]), float(told.run.summary["seconds"])),
    "dropout": _dropout,
    "noise": _noise,
    "hidden_columns": _hidden_columns,
    "active_units": _active_units,
    "directions": lambda told, _: codes.directions(told.codes),
    "kl": _kl,
    "stages": _stages,
    "windows": _windows,
    "image_sizes": _image_sizes,
    "code": _code,
    "spreads": lambda told, _: codes.spreads(told.codes),
    "map": _map,
    "prior": lambda told, _: codes.prior(told.codes, told.spec.objective == "variational"),
    "rebuilt": _if_answered(_rebuilt),
    "scatter": _if_answered(_scatter),
    "shares": _if_answered(_shares),
    "scores": _histogram,
    "percentiles": lambda told, _: scores.percentiles(told.looked_at, told.threshold.value, told.dataset.item),
    "flagged": lambda told, _: scores.flagged_at(told.looked_at, told.threshold.value, told.dataset.item),
    "agreement": _agreement,
    "kinds": lambda told, _: scores.kinds(told.dataset.columns),
    "reading": _reading,
}
