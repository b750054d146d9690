"""Chapters: from scores to decisions, and whether the network is worth it."""

from __future__ import annotations

from core.glossary.terms import Chapter, Section, Term

DECIDING = Section(
    "From scores to decisions",
    (
        Chapter(
            "anomaly_score",
            "Anomaly score",
            "One number a row; higher is stranger. Where it comes from can be chosen, also after training.",
            text="""
The plainest score is the *reconstruction error*: what a network can't rebuild is unlike what it learned. For tables there is a
better one, which *Find anomalies* uses. A network of its own learns under noise, where the rows strangest to it teach it
nothing unless all are known to be clean; a row's score is then how many times farther than usual the rows most like it lie, by what is
rebuilt of them and by what is missed. Beside this *detector* a second network, narrower than the data, serves as *explainer*:
it says what would be expected in a cell, and places the row on the map. Further scores can be asked of any run on *Errors*:
nothing is trained again for them, and each column's part is shown where a score is a sum of such parts.

A score has no natural unit: 0.8 is much in one run and little in another. What counts is the order, and the *percentile*: a
row at the 99th is stranger than 99 of 100 rows.

The figure shows the score at each percentile. A line that is flat for long and then climbs steeply is a good sign: few rows
are unlike the rest. One that climbs evenly means that rows only get stranger by degrees, and any cut is a matter of taste.

Of an image the score is taken from its pixels, and if wanted from its code; of a series, each step is set beside what is
usual, and stretches of strange steps are one *event*.
""",
            figures=("percentiles",),
            words=(
                Term(
                    "scorer",
                    "Anomaly score by",
                    "What gives the score of a row of a table: the recommended detector, the network's own error, or a scorer "
                    "that is asked of the network's answers.",
                    settings=("scorer",),
                ),
                Term(
                    "stability",
                    "Came again",
                    "In what share of further trainings, with other seeds and on part of the rows, a flag is raised again.",
                ),
                Term("percentile", "Percentile", "The share of rows with a lower score."),
                Term(
                    "image_score",
                    "Score of an image",
                    "How an image's pixels, and its code, become one score.",
                    settings=("image_score",),
                ),
                Term("event", "Event", "Flagged steps of a series that follow one another: one thing to look at."),
            ),
            see=("threshold", "reconstruction_error"),
        ),
        Chapter(
            "threshold",
            "Threshold and flag",
            "The score from which a row is flagged.",
            settings=(
                "Quantile.share",
                "Count.rows",
                "Mad.k",
                "Iqr.k",
                "Tail.share",
                "Tail.tail",
                "Score.score",
                "Cost.miss",
                "Cost.alarm",
            ),
            text="""
Scores order rows; somebody has to say how far down the list to look. That is the threshold. It can be given as a share of all
rows, or as the number that can be reviewed; nothing is trained again for it. Both flag something always. Other ways flag
what lies apart, perhaps nothing: far over the median or over a box plot's fence, or beyond what a distribution fitted to the
highest scores would bring forth. Where rows were held back from what gives the score, the *false discovery rate* can be
bounded. And where a label or verdicts tell anomalies from normal rows, the cut can be the best by these: by F1, by a
recall that must be reached, or by what a miss and a false alarm cost. Figures on the rows that a cut was tuned on flatter it;
*cross-fitted* ones are of the other half each time.

The figure shows how many rows would be flagged at each score, with the run's own threshold. Where the line is flat, moving
the threshold changes little; a threshold in such a gap is a good one.

A *flag* is the machine's claim. A *verdict* is a person's. Each saved threshold keeps who set it, and when.
""",
            figures=("flagged",),
            words=(
                Term(
                    "flag", "Flag", "The machine's claim that a row is strange: its score is at or over the threshold."
                ),
                Term(
                    "false_discovery_rate",
                    "False discovery rate",
                    "The expected share of healthy rows among the flagged. It is bounded by comparing each row with healthy ones "
                    "that were held back (conformal p-values; Benjamini and Hochberg).",
                    settings=("Conformal.rate",),
                ),
                Term(
                    "precision_and_recall",
                    "Precision and recall",
                    "The share of anomalies among the flagged rows, and of flagged rows among the anomalies. Their harmonic mean is "
                    "the F1 score.",
                    settings=("Recall.recall",),
                ),
                Term(
                    "lift",
                    "Lift",
                    "How many times as many anomalies there are among the flagged as among all rows whose truth is known.",
                ),
                Term(
                    "cross_fitted",
                    "Cross-fitted",
                    "Tuned on one half of the rows and measured on the other, and the other way round.",
                ),
                Term("verdict", "Verdict", "A person's answer to a flag: confirmed, dismissed or unsure."),
                Term(
                    "counterfactual",
                    "Counterfactual",
                    "The smallest change of a few cells that would take a row below the threshold, checked by scoring it.",
                ),
                Term(
                    "drift",
                    "Drift",
                    "Rows of a later file are no longer like those that a run learned from, by more than chance.",
                ),
                Term(
                    "contamination",
                    "Contamination",
                    "The expected share of anomalies, above 0 and at most one half: so many rows are flagged until a threshold "
                    "is set.",
                    settings=("contamination",),
                ),
            ),
            see=("anomaly_score", "baselines"),
        ),
        Chapter(
            "baselines",
            "Is the autoencoder worth it?",
            "PCA, IsolationForest and kNN score the same rows; a network that finds nothing more is not worth its trouble.",
            text="""
Simple methods are quick and often as good. So every run asks three of them. *PCA* rebuilds rows from as many numbers as the
bottleneck keeps. *IsolationForest* cuts the data at random and looks how soon a row stands alone. *kNN* measures the distance
to the nearest other rows.

The figure shows how many of the rows that the autoencoder flags are also among the strangest of each method. Where all agree
a row is a safe bet. What only the network finds is either its gain or its mistake; look at these first.

With a label in the data, *Anomalies* says how well each method finds the labelled rows, with intervals, and whether the
difference is more than chance.
""",
            figures=("agreement",),
            words=(
                Term(
                    "isolation_forest",
                    "IsolationForest",
                    "Cuts the data at random; rows that soon stand alone are strange.",
                ),
                Term("knn", "kNN", "The distance to the nearest other rows; far from all of them is strange."),
                Term(
                    "auroc",
                    "AUROC",
                    "The chance that a labelled anomaly has a higher score than another row: 0.5 is guessing, 1 is perfect.",
                ),
                Term(
                    "average_precision",
                    "Average precision",
                    "How pure the top of the list is, over all places to cut it: 1 is perfect, the share of anomalies is "
                    "guessing.",
                ),
            ),
            see=("underfitting", "threshold"),
        ),
    ),
)
