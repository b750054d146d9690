"""Chapters: how an autoencoder works, from the row that goes in to the error that comes out."""

from __future__ import annotations

from core.glossary.terms import Chapter, Section, Term

WORKING = Section(
    "How it works",
    (
        Chapter(
            "autoencoder",
            "How an autoencoder works",
            "A neural network that squeezes each row through a narrow layer and learns to rebuild it.",
            text="""
An autoencoder is given a row and is asked to give the same row back. That would be easy, were there not a narrow layer in
the middle: everything that comes out has to pass through it. So the network can't copy; it has to learn what rows have in
common, and what is left to say about a single one.

It has two halves. The *encoder* turns the row into a few numbers, the *latent code*; the *decoder* turns these back into a
row, the *reconstruction*. How far the two rows are apart is the *reconstruction error*. Training changes the weights of both
halves, a little at a time, so that this error falls over the rows it sees.

Afterwards rows like most others are rebuilt well, and rows that break the habits of the data are not. That is how Hourglass
finds what doesn't fit. The figure is the network of a run: each bar is a layer, as tall as it has units, and the orange one
is the bottleneck. On *Train* it is drawn anew with each setting that you change.
""",
            figures=("network",),
            words=(
                Term(
                    "run",
                    "Run",
                    "One fit of a network on one dataset, which can be made again from what is kept of it.",
                ),
                Term(
                    "parameters",
                    "Parameters",
                    "The numbers inside the network that training sets: its weights and offsets.",
                ),
                Term(
                    "objective",
                    "Objective",
                    "What an autoencoder's family adds to rebuilding rows, such as noise or a penalty.",
                    settings=("objective", "objective_settings"),
                ),
                Term(
                    "layers",
                    "Layers",
                    "What the network is built of: fully connected, convolutional or recurrent layers.",
                    settings=("layers", "layer_settings"),
                ),
            ),
            see=("encoder", "bottleneck", "anomaly_detection"),
        ),
        Chapter(
            "encoder",
            "Encoder and latent code",
            "The first half of the network: it turns a row into its latent code, the few numbers at the bottleneck.",
            text="""
The encoder takes a row, by then a list of numbers, and passes it through layers that get narrower. What arrives in the
narrowest is the row's *latent code*, called z: the row as the network sees it.

The numbers of a code have no names. Each is a mixture of columns that the network found useful, and two runs with different
seeds mix them differently. What can be compared are distances: rows with codes side by side look alike to the network, which
is what *Map* shows.

The figure is the code of one row, in grey the range in which most rows lie. A row whose code lies far outside is unusual in
a way that the network does understand; a row with a usual code and a large error is one that it does not.
""",
            figures=("code",),
            words=(
                Term("latent_code", "Latent code", "One row's encoding, z: the numbers at the bottleneck."),
                Term("embedding", "Embedding", "The latent codes of all rows together; *Map* is a picture of it."),
            ),
            see=("bottleneck", "decoder", "projection"),
        ),
        Chapter(
            "bottleneck",
            "Bottleneck",
            "Width of the narrowest layer: how many numbers the network may keep of a row.",
            settings=("bottleneck",),
            text="""
The bottleneck decides how much of a row gets through. One number says little more than large or small; each further one adds
what the columns vary by next. At some width everything that rows have in common is said, and more numbers only carry the
noise of single cells.

Too narrow, and ordinary rows are rebuilt badly too, so that errors say nothing. Too wide, and strange rows get through as
well as ordinary ones; as wide as the input, and the network can copy. By itself Hourglass takes about a third of a table's
inputs.

The figure shows what a code of 1, 2, 4, … numbers keeps: the error, on rows that were held back, of a PCA that keeps so many,
which is the best that can be done without bends. Look for the place where the line stops falling steeply. The dot is the
run's own network; below the line it found something that a PCA can't.
""",
            figures=("widths",),
            words=(
                Term(
                    "pca",
                    "PCA",
                    "Principal component analysis: the best code that only adds and multiplies; an autoencoder without bends "
                    "can do the same and no more.",
                ),
            ),
            see=("compression", "dimensionality_reduction", "underfitting"),
        ),
        Chapter(
            "decoder",
            "Decoder and reconstruction",
            "The second half of the network: it turns a latent code back into a row, the reconstruction.",
            text="""
The decoder sees nothing but the code, and has to give all columns of the row. It is the encoder turned around: the same
widths in the opposite order.

Its answer, the *reconstruction*, is what the network expected to stand in the row, and is called *expected* on the pages.
Where it is far from what does stand there, the row breaks a habit that the other rows keep. It is no correction: the
reconstruction of a broken row may be off in sound columns too.

The figure sets one row beside its reconstruction. Each column is drawn between its smallest and its largest value in the
data, so that kilograms and euros can stand side by side. Of an image it is the picture, of a series a stretch of its worst
column. *Errors* shows the same for any row.
""",
            figures=("rebuilt",),
            words=(
                Term(
                    "reconstruction",
                    "Reconstruction",
                    "The decoder's output: the row as the network rebuilt it, shown as *expected*.",
                ),
                Term(
                    "explainer",
                    "Explainer",
                    "The network whose reconstruction stands as the expected value; often the one that gives the score.",
                ),
            ),
            see=("reconstruction_error", "generation"),
        ),
        Chapter(
            "reconstruction_error",
            "Reconstruction error",
            "How far a row is from its reconstruction, over all its columns.",
            text="""
Each cell of a row is compared with what was rebuilt. Differences are taken in the column's own spread, not in its unit, so
that no column counts more because it is written in grams; each source column weighs alike, however many numbers it became.

Summed over columns this is the row's error, and in a table it is the row's *anomaly score*. Its parts are kept: the figure
shows which columns make up the error of the strangest row. A single long bar is a cell to look at, perhaps a slip of the pen;
many bars are a row of another kind.

What is missing in a row is not compared; that it is missing counts only where another column goes with that, as a module of
questions that some were not asked. In images the errors of the pixels are kept as a picture, in series each column's
error is set beside what is usual for it.
""",
            figures=("shares",),
            words=(
                Term(
                    "column_share",
                    "Share of the score",
                    "The part of a row's score that comes from one source column; all together make the whole.",
                ),
            ),
            see=("loss", "anomaly_score"),
        ),
        Chapter(
            "activation",
            "Activation",
            "The bend behind each hidden layer, without which all layers together could only add and multiply.",
            settings=("activation",),
            text="""
A layer multiplies and adds. Two such layers behind each other are again one that multiplies and adds, so without anything
between them depth would bring nothing. The activation stands between them and bends: it lets some numbers through and holds
others back.

*relu* lets what is above 0 pass and nothing else; it is quick and makes units that are on or off. *leaky_relu* lets a little
through below 0, so that no unit goes silent for good. *gelu* and *silu* are relu with a soft corner, which learns more
smoothly. *tanh* presses everything into −1 … 1. With *linear* nothing bends, and the network can do what a PCA can.

The figure draws them from their formulas, the run's own in blue. If a run is no better than a PCA of equal width, another
activation rarely helps; more width, more depth or other columns do.
""",
            figures=("activations",),
            see=("depth", "pca"),
        ),
        Chapter(
            "loss",
            "Loss",
            "The number that training makes smaller: the error over the rows of a step, with what the family adds.",
            settings=("number_loss",),
            text="""
Training needs one number that says how good the network is. It is the mean reconstruction error of the rows at hand, and
each family may add *loss terms* of its own: a penalty, or the KL term.

How a number's difference is counted is a choice. Squared, a difference of 10 counts a hundred times as much as one of 1, so
that the network mostly learns to avoid large misses. Absolute, it counts ten times, and outliers teach less. *huber* is
squared for small differences and in proportion for large ones. The figure shows the three against the size of the error.

Categories are compared by cross-entropy, which costs more the less the network had believed in the right one. A loss can
only be compared with one of the same make: with other columns, another encoding or other terms it is another number.
""",
            figures=("loss_terms",),
            words=(
                Term("loss_term", "Loss term", "A named part of the loss, such as reconstruction, KL or sparsity."),
                Term("squared", "Squared error", "The difference times itself: large errors count most."),
                Term("absolute", "Absolute error", "The size of the difference: errors count in proportion."),
                Term("huber", "Huber loss", "Squared for small differences, in proportion for those above 1."),
                Term(
                    "cross_entropy",
                    "Cross-entropy",
                    "What an answer given as probabilities costs: the more, the less likely the truth was held to be.",
                ),
                Term(
                    "likelihood",
                    "Likelihood with a learned scale",
                    "The squared error in units of a spread that is learned for each column, so that columns which can't be "
                    "foreseen stop mattering; it may be below 0.",
                ),
            ),
            see=("reconstruction_error", "learning_rate"),
        ),
    ),
)
