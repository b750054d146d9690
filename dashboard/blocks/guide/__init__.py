"""The Guide's pieces: which chapter, which run its figure is drawn from, text and figure, and the contents."""

from dashboard.blocks.guide.chapters import chapter_text as chapter_text
from dashboard.blocks.guide.chapters import chosen_term as chosen_term
from dashboard.blocks.guide.chapters import contents as contents
from dashboard.blocks.guide.chapters import further as further
from dashboard.blocks.guide.figures import chapter_figures as chapter_figures
from dashboard.blocks.guide.told import told_from as told_from
