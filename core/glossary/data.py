"""Chapters: what becomes of a file before a network sees it."""

from __future__ import annotations

from core.glossary.terms import Chapter, Section, Term

DATA = Section(
    "The data",
    (
        Chapter(
            "columns",
            "Columns and their encoding",
            "A network takes numbers; each source column becomes some, by its kind.",
            text="""
A *source column* is a column as it was uploaded. Its *kind* says what its cells are: number, boolean, category, ordered
category, multiple choice, coded (digits that are a name), datetime, text or constant. Its *role* says what it is for: a
feature is learned from, a label is kept for checking, an identifier names the row, and what is ignored is not looked at.

A number is taken from its middle and divided by its spread; a category becomes a place for each of its levels; a date becomes
its parts. So one source column may become many inputs, and still weighs as one.

The figure shows how many columns of each kind the run's data has, and which of them the network sees. *Data* gives the
reason for each kind, and takes another one.
""",
            figures=("kinds",),
            words=(
                Term("source_column", "Source column", "A column as uploaded, before it is encoded."),
                Term("kind", "Kind", "What the cells of a column are, such as number, category or datetime."),
                Term("role", "Role", "What a column is for: feature, label, identifier, time, group, or ignored."),
                Term(
                    "encoding",
                    "Encoding of numbers",
                    "How a number is brought to the network's scale: by its middle and spread, with far values drawn in or not.",
                    settings=("numbers",),
                ),
            ),
            see=("reading", "windows"),
        ),
        Chapter(
            "windows",
            "Windows of a series",
            "A series is looked at a window at a time: so many steps together, in the order of time.",
            settings=("windows", "length"),
            text="""
Where rows follow one another in time, what is strange may lie in how they do. So the network sees *windows*: 64 steps, say,
as one thing to rebuild. A window should be as long as what the network has to know by heart: a cycle, a reaction, a shift.

The *stride* is how far one window begins behind the last. The figure shows the first windows of a run: each bar is one, and
every step lies in several. No window reaches over a gap, nor from one group to the next.

Longer windows find slow faults and blur short ones. Resampling makes a step of all rows within some seconds, which makes
long windows cheaper.
""",
            figures=("windows",),
            words=(
                Term(
                    "stride",
                    "Stride",
                    "Steps from the beginning of one window to the next.",
                    settings=("stride",),
                ),
                Term(
                    "resampling",
                    "Resampling",
                    "Rows within so many seconds become one step: numbers by their mean, all else by its last cell.",
                    settings=("every",),
                ),
                Term("time_column", "Time column", "The column that puts rows in order.", settings=("Windows.time",)),
                Term(
                    "group_column",
                    "Group column",
                    "The column that says whose a row is; each group is a series of its own.",
                    settings=("Windows.group",),
                ),
            ),
            see=("convolutional_1d", "gru", "event"),
        ),
        Chapter(
            "images",
            "Images",
            "Images are brought to one size, whole or in tiles, before the network sees them.",
            text="""
All images that a network sees have one size. *fit* shrinks the whole image and adds a border; *fill* takes its middle; *tiles*
cut it into overlapping pieces at full sharpness, each of which is a thing to rebuild.

A mark that is smaller than a pixel at that size can't be found. *Data* shows one image beside what the network sees of it,
with the smallest mark that survives.

The figure counts what goes into the network for one image, or one tile of it, at several sizes: twice the side is four times
the numbers, and about four times the time.
""",
            figures=("image_sizes",),
            words=(
                Term(
                    "image_rule",
                    "To one size",
                    "fit, fill or tiles: how an image becomes one of the network's size.",
                    settings=("image_rule",),
                ),
                Term(
                    "image_size",
                    "Size for training",
                    "Height and width of what the network sees, in pixels.",
                    settings=("image_size",),
                ),
                Term(
                    "image_colour",
                    "Colour",
                    "Whether colours are kept, or made grey, which is a third of the work.",
                    settings=("image_colour",),
                ),
                Term(
                    "as_images",
                    "As images",
                    "Whether rows of pixels in a table are taken as images.",
                    settings=("images",),
                ),
            ),
            see=("convolutional", "image_score"),
        ),
        Chapter(
            "reading",
            "Reading a file",
            "How a file becomes a table: what stands between cells, around them, and before the first row.",
            text="""
Nothing in a file says for sure how it is meant to be read. Hourglass looks at how its lines are made, says what it found, and
lets you change it on *Data*; the first rows are shown as they would be.

What can't be read as a row is set aside with its line and the reason, never dropped in silence. A line that could be mended
is kept, and says so.

The figure counts the rows of the run's file. Many set aside mean that something was read otherwise than it was written.
""",
            figures=("reading",),
            words=(
                Term("delimiter", "Delimiter", "What stands between two cells.", settings=("delimiter",)),
                Term("quote", "Quote", "What stands around a cell that holds a delimiter.", settings=("quote",)),
                Term("escape", "Escape", "What stands before a quote inside a quoted cell.", settings=("escape",)),
                Term(
                    "text_encoding",
                    "Encoding of text",
                    "How bytes become letters, for instance utf-8.",
                    settings=("ReadOptions.encoding",),
                ),
                Term("header_rows", "Header rows", "Rows that name the columns.", settings=("header_rows",)),
                Term(
                    "preamble",
                    "Rows before the table",
                    "Lines to pass over before the header.",
                    settings=("preamble_rows",),
                ),
                Term(
                    "sheet", "Sheet", "Which sheet of a workbook, or file of an archive, is read.", settings=("sheet",)
                ),
                Term(
                    "sample",
                    "Sample",
                    "So many rows, drawn at random by a seed, in place of all.",
                    settings=("sample_rows", "sample_seed"),
                ),
            ),
            see=("columns",),
        ),
    ),
)
