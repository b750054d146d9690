"""Chapters: what a trained autoencoder is used for."""

from __future__ import annotations

from core.glossary.terms import Chapter, Section, Term

USES = Section(
    "What it is used for",
    (
        Chapter(
            "anomaly_detection",
            "Anomaly detection",
            "Finding rows that the network can't rebuild, because they break the habits of the others.",
            text="""
The network learns what most rows have in common. Rows that lack it are rebuilt badly, and their error is their *anomaly
score*. Nobody has to say beforehand what an anomaly looks like.

The figure shows the scores of all rows of a run. Most lie together; what stands to the right of the *threshold* is flagged.
A flag is a claim to check, not a proof: look at the columns that made the row strange, and at whether PCA, IsolationForest
and kNN find it strange too.

It works best if the rows to learn from are clean. A few anomalies among many rows do little harm; many of one kind are
learned like anything else that is common, and are no longer found.
""",
            figures=("scores",),
            words=(
                Term(
                    "detector",
                    "Detector",
                    "What gives the anomaly score: the autoencoder, PCA, IsolationForest or kNN.",
                ),
                Term(
                    "clean",
                    "Clean rows",
                    "Rows known to hold no anomalies, which serve as the reference for what is normal.",
                    settings=("assume_clean", "normal"),
                ),
                Term(
                    "leave_out",
                    "Rows to leave out",
                    "Rows that are kept from training by conditions on their columns; they are scored all the same.",
                    settings=("leave_out", "column", "operator", "Condition.value"),
                ),
            ),
            see=("anomaly_score", "threshold", "baselines"),
        ),
        Chapter(
            "dimensionality_reduction",
            "Dimensionality reduction",
            "Many columns become a few numbers, and two of them a picture.",
            text="""
Thirty columns can't be looked at together. Their codes are fewer, and a *projection* makes two numbers of each code, so that
every row becomes a point on a map. Points side by side look alike to the network.

The figure is the PCA of a run's codes: flat, quick, and true to large distances. *Map* also has UMAP, which keeps neighbours
together and gives up on distances between groups. Groups that stand apart are kinds of rows; a lone point is a candidate for
a look.

Read a map with care: two numbers can't hold what the code holds. The axes have no unit, and how large a gap is says little
in UMAP.
""",
            figures=("map",),
            words=(
                Term("projection", "Projection", "A 2-D or 3-D picture of an embedding, such as PCA or UMAP."),
                Term(
                    "trustworthiness",
                    "Trustworthiness",
                    "Whether points that are neighbours on the map are neighbours in the embedding: 1 is perfect.",
                ),
                Term(
                    "continuity",
                    "Continuity",
                    "Whether neighbours in the embedding are still neighbours on the map: 1 is perfect.",
                ),
                Term(
                    "neighbour_recall",
                    "Neighbour recall",
                    "The share of each row's nearest neighbours in the embedding that are also its nearest on the map.",
                ),
            ),
            see=("encoder", "feature_extraction"),
        ),
        Chapter(
            "feature_extraction",
            "Feature extraction",
            "The code as new columns, for whatever comes next: a classifier, a search, a grouping.",
            text="""
A code says in few numbers what the columns say in many, with their units and repetitions taken out. It can stand in for them
where a method copes badly with many columns, and it costs no labels to learn.

The figure shows how much each number of the run's code varies over the rows. One that hardly varies says nothing, and the
bottleneck could be narrower by it. In a sparse or variational run that is meant: what is not needed falls silent.

From Python, `AutoencoderDetector().fit(rows).transform(rows)` gives the codes.
""",
            figures=("spreads",),
            see=("encoder", "sparse", "code_usage"),
        ),
        Chapter(
            "removing_noise",
            "Denoising as a use",
            "Taking the reconstruction in place of the row: what many rows agree on stays, what is by chance goes.",
            text="""
What a row says by chance doesn't fit through the bottleneck, for it can't be told from the other columns. So the
reconstruction is a smoothed copy of the row: measured values without their trembling, an image without its grain.

The figure sets, for one column, what stands in some rows against what was rebuilt. Points on the line were given back as they
are. A cloud about the line is what the network takes for noise; a flat cloud is a column that the others say nothing about.

Any family does this a little; the denoising one is trained for it. Mind that what is rare is removed like noise.
""",
            figures=("scatter",),
            see=("denoising", "reconstruction"),
        ),
        Chapter(
            "compression",
            "Compression",
            "Keeping codes in place of rows, and giving up what the network can't rebuild.",
            text="""
Whoever has the decoder needs only the code to get a row back, nearly. A row of 30 numbers with a bottleneck of 10 takes a
third of the room.

The figure counts: what goes in, what is kept, and the bytes of each as single numbers of 4 bytes. How much is lost on the
way is the figure of the chapter *Bottleneck*.

It pays where rows are very much alike and there are many: the decoder has to be kept as well. For files of all kinds zip is
better, since it loses nothing.
""",
            figures=("sizes",),
            see=("bottleneck",),
        ),
        Chapter(
            "generation",
            "Generation",
            "Decoding a code that no row has, and so making a new row.",
            text="""
The decoder takes any code, also one that belongs to no row. What comes out is a row that could have been in the data, if the
code lies where codes of rows lie.

In most families nobody knows where that is: the space between rows was never trained, and may give nonsense. The variational
autoencoder is made so that codes fill a ball about zero, the *prior*; a code drawn from it gives a plausible row.

The figure shows the codes of a run's rows in the dimension in which they vary most, beside the bell curve of the prior. In a
variational run the two should lie on each other; in any other the curve is drawn for comparison only.
""",
            figures=("prior",),
            see=("variational", "decoder"),
        ),
    ),
)
