"""Chapters: one a family of autoencoders and one a family of layers.

Title, summary, what it helps with and the paper come from the family's own card (`spec.py`), and so do its settings; here
stands only what a card has no room for. A family without a text here has a chapter all the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from core.glossary.terms import Chapter, Section, Term
from core.specs import LAYERS, OBJECTIVES, LayersSpec, ObjectiveSpec, SettingsModel

ORDER = ("vanilla", "sparse", "denoising", "contractive", "variational", "masked", "stacked")
LAYERS_ORDER = ("fully_connected", "around_pca", "convolutional", "convolutional_1d", "gru", "lstm")

OBJECTIVE_TEXTS = {
    "vanilla": """
It is the whole idea and nothing beside it. What keeps it from copying is the bottleneck alone, so its width is the setting
that matters. Begin with it: every other family is this one with something added, and is worth its settings only where it
does better on your rows.
""",
    "sparse": """
Here the code may be wider than the input. What holds the network back is that few units may be active for any one row; how
few is the *active share*, which is held whatever the data. Lower it, and each unit stands for something rarer and sharper.

The figure shows in what share of the rows each unit of the run's code is active. In a sparse run
the bars' mean is the target: some units stand for what many rows have, others for what few have, and some may never be on. In
any other family nearly all units are in use for every row.
""",
    "denoising": """
Since the network is shown a spoilt row and is compared with the clean one, copying would be wrong. It must find out from the
other columns what a cell should have been. A wide bottleneck is therefore no danger, and small noise in the data is passed
over. When rows are scored nothing is spoilt.

The figure shows what the noise does, computed from its rule with the run's strength, or the usual one where the run is of
another family. Much noise keeps only what is strong and common; none at all is the vanilla autoencoder.
""",
    "contractive": """
The penalty is on how much the code moves when a row moves a little. Directions in which rows really differ are worth their
price, all others are flattened. The result is a code of few directions, in which neighbours stay neighbours.

The figure shows how the spread of the run's code is divided over directions, the strongest first. The sooner the line nears
100 %, the fewer directions the network uses.
""",
    "variational": """
Each row becomes a small cloud, the *posterior*, given by a mean and a spread in each dimension of the code. The *KL term*
draws all clouds towards one ball about zero, the *prior*. *Beta* weighs it against rebuilding: raised, dimensions become
independent and orderly, and details are lost. Too strong from the start, it can silence dimensions for good; a *warm-up*
lets beta grow, and *free bits* let each dimension say a little at no cost.

The figure shows the terms of the loss by epoch where the run is variational; otherwise what the KL term costs, from its
formula. Rows are scored by the mean of their cloud, so a score is never a matter of chance.
""",
    "masked": """
A share of each row is hidden, and the loss counts how well it was foreseen from the rest. Rows are scored likewise: every
part is hidden once. So a value is strange here if the other columns would have said otherwise, even where it is quite
ordinary by itself.

The figure shows which columns would be hidden in some steps, drawn by the rule with the run's hidden share, or the usual one
where the run is of another family. Scoring takes several passes, and so more time.
""",
    "stacked": """
Deep networks were once trained in this way, because they could not be trained otherwise: the outermost layer learns to
rebuild rows through itself, the next rebuilds what the first makes of them, and so on inwards; then all are trained together.

The figure shows the loss at the beginning and at the best of each stage of a stacked run. A level that gains little could be
left out.
""",
}

LAYER_TEXTS = {
    "fully_connected": """
No order of columns is assumed: swap two of them, and nothing changes but which weight is which. That is right for tables,
and wasteful for images and series, where what stands side by side belongs together.
""",
    "around_pca": """
The rows' principal components are what a linear network would learn; here it starts with them. On both sides a hidden layer
adds to the straight path what is bent. Its part is nothing at first and grows only as far as it helps, so that rows held back
are hardly ever rebuilt worse than by the PCA alone.
""",
    "convolutional": """
A *filter* is a small square of weights that is laid on every place of an image. A scratch is learned once, not once for each
place where it may be. Each level halves height and width and has more filters; in the end everything goes through a vector,
the bottleneck.
""",
    "convolutional_1d": """
Filters span some steps of time and slide along the window. The code itself is linear, and the network begins as a finished
PCA of the windows: it can only become better. A fault is found where a pattern comes that no filter knows.
""",
    "gru": """
The layer reads a window a few steps at a time, from both ends, and carries along what it remembers. Gates decide what is
kept and what is forgotten. As with the filters along time the code is linear and begins as a PCA. There is no activation to
choose: the gates bend by a sigmoid and what is remembered by tanh, or else they would be no gates, and no layer lies between
the code and them.
""",
    "lstm": """
Beside what it passes on at each step it carries a second memory, which only its gates can change. So something from long ago
can be kept untouched, at the price of a third more weights than the GRU has.
""",
}

OBJECTIVE_FIGURES = {
    "vanilla": ("network",),
    "sparse": ("active_units", "usage"),
    "denoising": ("noise",),
    "contractive": ("directions",),
    "variational": ("kl",),
    "masked": ("hidden_columns",),
    "stacked": ("stages",),
}
EXTRA = {
    "sparse": (
        Term(
            "sparsity",
            "Sparsity",
            "That few units of the code are active for any one row; also the penalty that makes it so.",
        ),
        Term(
            "code_usage",
            "Code usage",
            "The share of the code's units that are in use: of a sparse code, that are active for a row.",
        ),
    ),
    "denoising": (Term("corruption", "Corruption", "Spoiling rows on purpose before the network sees them."),),
    "variational": (
        Term(
            "kl_term", "KL term", "How far the clouds of the rows are from the prior, in nats: what their codes tell."
        ),
        Term("prior", "Prior", "The ball about zero that codes are drawn towards, and new codes are drawn from."),
        Term("posterior", "Posterior", "The cloud that stands for one row: where its code may lie."),
    ),
}


def _in_order(names: Iterator[str], order: tuple[str, ...]) -> list[str]:
    """Known ones in the order of the story, others behind them."""
    return sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))


def objective_key(name: str) -> str:
    """The chapter of a family of autoencoders."""
    return name


def layers_key(name: str) -> str:
    """The chapter of a layer family; it never takes the place of an autoencoder's of that name."""
    return name if name not in OBJECTIVES.names else f"{name}_layers"


def own_words(family: str, model: type[SettingsModel], told: set[str], taken: set[str]) -> tuple[Term, ...]:
    """A term for each setting that no chapter tells of, from the field itself. told: fields that one does; taken: keys."""
    words = []
    for name, field in model.model_fields.items():
        if name in told or f"{model.__name__}.{name}" in told:
            continue
        key = name if name not in taken else f"{family}_{name}"
        title = field.title or name.replace("_", " ").capitalize()
        words.append(Term(key, title, field.description or title, settings=(f"{model.__name__}.{name}",)))
        taken.add(key)
    return tuple(words)


def families(told: set[str], taken: set[str]) -> tuple[Section, Section]:
    """The chapters of all families. told: settings that other chapters tell of; taken: the keys of these; both grow."""
    objectives = [OBJECTIVES.get(name) for name in _in_order(iter(OBJECTIVES), ORDER)]
    layers = [LAYERS.get(name) for name in _in_order(iter(LAYERS), LAYERS_ORDER)]
    taken |= {objective_key(card.name) for card in objectives} | {layers_key(card.name) for card in layers}
    taken |= {term.key for terms in EXTRA.values() for term in terms}
    return (
        Section("Families of autoencoders", tuple(_objective(card, told, taken) for card in objectives)),
        Section("Layers", tuple(_layers(card, told, taken) for card in layers)),
    )


def _objective(card: ObjectiveSpec, told: set[str], taken: set[str]) -> Chapter:
    words = (*EXTRA.get(card.name, ()), *own_words(card.name, card.settings, told, taken))
    return Chapter(
        objective_key(card.name),
        card.title,
        card.summary,
        text=f"{card.summary}\n\n{OBJECTIVE_TEXTS.get(card.name, '')}\n\n*When it helps:* {card.helps}\n\n*Source:* {card.paper}.",
        figures=OBJECTIVE_FIGURES.get(card.name, ("network",)),
        words=words,
        see=("objective", "loss"),
    )


def _layers(card: LayersSpec, told: set[str], taken: set[str]) -> Chapter:
    return Chapter(
        layers_key(card.name),
        card.title,
        card.summary,
        text=f"{card.summary}\n\n{LAYER_TEXTS.get(card.name, '')}\n\n*For:* {', '.join(_SORTS[sort] for sort in card.suits)}.",
        figures=("layers",),
        words=own_words(card.name, card.settings, told, taken),
        see=("depth", "activation", "bottleneck"),
    )


_SORTS = {"table": "tables", "images": "images", "series": "series"}
