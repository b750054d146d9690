"""Chapters: how a network learns, what each setting of the training does, and how a training goes wrong."""

from __future__ import annotations

from core.glossary.terms import Chapter, Section, Term

LEARNING = Section(
    "How it learns",
    (
        Chapter(
            "epochs",
            "Epochs and validation",
            "An epoch is one pass over all training rows; after each, the rows that were held back are looked at.",
            settings=("epochs", "training"),
            text="""
The network sees the training rows again and again; once through all of them is an *epoch*. After each epoch the loss is
measured on the *validation* rows too, which it never learns from. Their loss tells whether what was learned holds for rows
it hasn't seen.

The figure shows both by epoch. At first they fall together. When validation has not fallen for as many epochs as the
*patience* says, training stops, and the weights of the best epoch are kept; the dotted line is that epoch.

If the line is still falling at the right edge, more epochs would have helped. If it went flat early, they would only have
cost time.
""",
            figures=("losses",),
            words=(
                Term(
                    "validation",
                    "Validation rows",
                    "Rows kept out of training, to see whether what is learned holds for rows that were not seen.",
                    settings=("validation_share", "validation"),
                ),
                Term(
                    "patience",
                    "Patience",
                    "How many epochs without a better validation loss are waited for before training stops.",
                    settings=("patience",),
                ),
                Term(
                    "minutes",
                    "Minutes",
                    "A limit on the time of a training; the epoch in which it is over is the last.",
                    settings=("minutes",),
                ),
            ),
            see=("overfitting", "underfitting"),
        ),
        Chapter(
            "learning_rate",
            "Learning rate",
            "The size of a step: how far the weights are moved against the slope of the loss.",
            settings=("learning_rate",),
            text="""
After each batch of rows the slope of the loss says in which direction every weight should move. The learning rate says how
far. Too small, and an epoch changes little. Too large, and steps overshoot: the loss jumps, or grows beyond all bounds, and
the run *diverges*.

A *range test* finds out: on a copy of the network the rate is raised from tiny to huge within some steps. The loss first
stays, then falls, then shoots up. A good rate is where it falls fastest, well before it turns. Tick *Find the learning rate
for me* on *Train* to have the test made and its rate taken.

The figure is the test of a run that had one; otherwise it is the rate that was used in each epoch. A *schedule* changes it
on the way: high while there is far to go, low at the end.
""",
            figures=("rates",),
            words=(
                Term(
                    "range_test",
                    "Range test",
                    "Tries rates from tiny to huge on a copy of the network, to see where the loss falls fastest.",
                    settings=("find_rate",),
                ),
                Term(
                    "search",
                    "Search",
                    "Tries runs with other settings one after the other, each chosen by what the ones before showed, and names "
                    "the best by a figure that needs no labels.",
                    settings=("trials", "aim", "vary"),
                ),
                Term(
                    "schedule",
                    "Schedule",
                    "How the learning rate changes over the epochs: constant, one cycle, cosine, or halved on a plateau.",
                    settings=("schedule",),
                ),
                Term(
                    "optimiser",
                    "Optimiser",
                    "The rule that turns slopes into steps; AdamW, the usual one, gives each weight a step size of its own.",
                    settings=("optimiser",),
                ),
                Term(
                    "momentum",
                    "Momentum",
                    "How much of the last step is in the next one, with plain steps (SGD).",
                    settings=("momentum",),
                ),
                Term(
                    "diverged",
                    "Diverged",
                    "The loss grew beyond all bounds: nearly always the learning rate is too large.",
                ),
            ),
            see=("batch_size", "gradient", "epochs"),
        ),
        Chapter(
            "batch_size",
            "Batch size",
            "How many rows make one step: their mean slope moves the weights once.",
            settings=("batch_size",),
            text="""
Weights are not moved row by row, nor once an epoch, but after each *batch*. A large batch gives a calm slope, few steps an
epoch, and a quick epoch. A small one gives a trembling slope and many steps; the trembling even helps to leave poor places.

What a run needs are steps. The figure shows how many steps one epoch over the run's own rows has at each batch size. Eight
times larger batches need about eight times as many epochs for as many steps, or a larger learning rate.

For tables of some thousand rows 32 to 256 is right. Where memory is short, Hourglass halves the batch by itself, goes on,
and says so.
""",
            figures=("steps",),
            words=(Term("step", "Step", "One move of all weights, after one batch of rows."),),
            see=("learning_rate",),
        ),
        Chapter(
            "gradient",
            "Gradient and clipping",
            "The slope of the loss in every weight; clipping cuts one that is too long.",
            settings=("clip",),
            text="""
The gradient holds, for each weight, how much the loss would grow if that weight did. A step goes the opposite way. Its
length, the *gradient norm*, says how steep the place is.

A single wild cell can make a gradient hundreds of times longer than usual, and one such step throws away what was learned.
So a gradient longer than the *clipping* length is cut to it: the direction stays, the length does not.

The figure is the mean length by epoch, with the clipping length as a line. A length that falls and settles is a calm
training. One that grows points to a rate that is too large; one near the line all the time means that clipping holds the
training back.
""",
            figures=("gradient",),
            see=("learning_rate",),
        ),
        Chapter(
            "depth",
            "Depth and width",
            "How many layers there are between input and bottleneck, and how many units each has.",
            settings=("depth", "hidden_width", "widths"),
            text="""
Layers between input and bottleneck let the network bend the data before it squeezes it. With none it can do what a PCA can.
One or two are enough for most tables; more allow more complicated shapes, need more rows, and are harder to train.

Width is how many units a layer has. Wide layers hold more, and cost more: the number of weights between two layers is the
product of their widths. A hidden layer narrower than the bottleneck would become the bottleneck itself.

The figure counts the units of each layer of a run, so that it shows where its size lies. A network with far more
parameters than there are cells in the training rows can learn these by heart; look at *Overfitting*.
""",
            figures=("weights",),
            words=(
                Term(
                    "channels",
                    "Channels and filters",
                    "The width of a convolutional layer: so many filters look at each place.",
                    settings=("channels", "Convolutional1d.hidden"),
                ),
                Term(
                    "memory",
                    "Memory",
                    "The width of a recurrent layer: so many numbers are remembered from step to step.",
                    settings=("Gru.hidden", "Lstm.hidden"),
                ),
                Term(
                    "patch",
                    "Steps read at once",
                    "Of recurrent layers: how many steps go in together; more are faster and looked at less closely.",
                    settings=("patch",),
                ),
            ),
            see=("bottleneck", "overfitting"),
        ),
        Chapter(
            "regularisation",
            "Regularisation",
            "Whatever keeps a network simple, so that it learns habits and not single rows.",
            text="""
A network that is free to do anything learns single rows by heart. There are several ways to hold it, and they can be used
together: a narrow bottleneck is the first of them, stopping early another.

*Dropout* silences a share of the hidden units at random in each step, so that no unit can rely on a certain other one.
*Weight decay* pulls all weights towards zero. *Tied weights* let the decoder use the encoder's, turned around, which halves
what can be learned. *Normalisation* brings units to one scale; it is meant for speed, and calms as well.

The figure shows what dropout does to a layer: each row of it is one step, and what is orange is silenced. Raise these where
validation is far above training; lower them where both are high.
""",
            figures=("dropout",),
            words=(
                Term(
                    "dropout",
                    "Dropout",
                    "Silences a share of the hidden units at random in each step of the training, never afterwards.",
                    settings=("dropout",),
                ),
                Term(
                    "weight_decay",
                    "Weight decay",
                    "Pulls all weights a little towards zero in each step, which makes the network simpler.",
                    settings=("weight_decay",),
                ),
                Term(
                    "normalisation",
                    "Normalisation",
                    "Brings hidden units to one scale, by the row's other units or by the batch's other rows; deep networks "
                    "learn faster with it.",
                    settings=("normalisation",),
                ),
                Term(
                    "ensemble",
                    "Ensemble",
                    "Several networks of one shape, trained at once from starts of their own; their mean depends less on chance "
                    "than each of them. The map shows the first one's code.",
                    settings=("members",),
                ),
                Term(
                    "trim",
                    "Left out of each step",
                    "A share of each batch, its worst rebuilt rows, teaches nothing in that step, so that the network learns what "
                    "most rows have in common and not the anomalies among them.",
                    settings=("trim",),
                ),
                Term(
                    "tied_weights",
                    "Tied weights",
                    "The decoder uses the encoder's weights, turned around: half the parameters.",
                    settings=("tied",),
                ),
                Term(
                    "shift",
                    "Shift",
                    "Each training image is moved by some pixels, a little differently each time, so that exact places matter "
                    "less.",
                    settings=("shift",),
                ),
            ),
            see=("overfitting", "contractive", "denoising"),
        ),
        Chapter(
            "overfitting",
            "Overfitting",
            "The network learns its training rows by heart: training loss goes on falling, validation loss does not.",
            text="""
A network with room to spare stops looking for what rows have in common, and begins to remember single ones. On the rows that
it trains on the loss falls and falls; on the rows it doesn't see, it stays or rises. That is overfitting.

The figure shows how many times the training loss the validation loss is, epoch by epoch. About 1 is right; a line that climbs
away from it shows the place where the two part. Hourglass keeps the weights of the best validation epoch, so the damage is
small, but a run that parts early has learned little that holds.

More rows help most. Otherwise make the bottleneck or the layers narrower, raise dropout or weight decay, or take a family
that can't copy, such as the denoising or the masked one. Rows that stand in the table twice hide overfitting: they are on
both sides.
""",
            figures=("gap",),
            see=("regularisation", "underfitting", "validation"),
        ),
        Chapter(
            "underfitting",
            "Underfitting",
            "The network has not learned what there is to learn: training and validation loss are both high.",
            text="""
A network that was trained too briefly, is too narrow, or is held back too much rebuilds ordinary rows badly. Its errors then
say little: everything looks somewhat strange.

What high means can be seen by comparison. The figure sets the run's error on held-back rows beside two others: that of giving
the mean of every column, which knows nothing about a row, and that of a PCA which keeps as many numbers. A network near the
mean has learned nothing; one above the PCA has not learned even what is simple.

Train longer, raise the learning rate or let it be found, widen the bottleneck or the layers, and lower dropout and weight
decay. If nothing helps, columns may have nothing to do with each other; then there is nothing to learn, and no method finds
rows that break their habits.
""",
            figures=("beside_pca",),
            see=("epochs", "bottleneck", "learning_rate"),
        ),
        Chapter(
            "reproducibility",
            "The same run again",
            "A run can be made again from its data's fingerprint, its settings, its seed and the number of threads.",
            text="""
Weights start at random, rows are shuffled, noise is drawn. All of it comes from one *seed*: with the same data, settings,
machine and number of threads the same seed gives the same bits. Another seed gives another network that is about as good;
if the flagged rows change much with it, the network is not sure of them.

A limit in minutes, or a training that was stopped by hand, ends where the machine happened to be; the run keeps how many
steps it took. *Precision* and *device* change the last digits.

The figure shows how the time of a run was spent. *Copy and change*, on a run's page, begins a new one from all its settings.
""",
            figures=("time",),
            words=(
                Term(
                    "seed",
                    "Seed",
                    "The start of everything random; the same seed gives the same run on the same machine.",
                    settings=("seed",),
                ),
                Term(
                    "device",
                    "Device",
                    "Where the training runs: a processor, or a GPU where there is one.",
                    settings=("device",),
                ),
                Term(
                    "precision",
                    "Precision",
                    "With how many digits products are computed; fewer are faster on recent GPUs.",
                    settings=("precision",),
                ),
            ),
            see=("epochs",),
        ),
    ),
)
