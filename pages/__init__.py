"""One short file a page, each reading as the page's story."""
