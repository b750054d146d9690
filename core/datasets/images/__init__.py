"""Images in: from a zip of files, a table that names or holds them, or a table of pixels, to arrays of one size."""

from core.datasets.images.pixels import looks_like_pixels, read_pixels
from core.datasets.images.read import holds_images, images_of_table, read_images, refuse_one_image

__all__ = [
    "holds_images",
    "images_of_table",
    "looks_like_pixels",
    "read_images",
    "read_pixels",
    "refuse_one_image",
]
