"""The app's process imports nothing heavy: it answers at once and leaves the memory to the jobs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.pages.conftest import Made

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import sys
from streamlit.testing.v1 import AppTest
import core.serving
import dashboard.app
from dashboard.navigation import PAGES
core.serving.START_SECONDS = 0.0  # no inference process runs here
for name, value in (("dataset", sys.argv[1]), ("run", sys.argv[2])):
    app = AppTest.from_file("dashboard/frame.py", default_timeout=60).run()
    for page in PAGES:
        app.query_params[name] = value
        app.switch_page(f"../pages/{page}.py").run()
        assert not app.exception, (page, app.exception)
heavy = ("torch", "umap", "numba", "faiss", "sklearn")
print("imported:", *[name for name in heavy if name in sys.modules])
"""


def test_no_page_imports_torch_or_its_like(made: Made) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, made.bare.id, made.plain.id],
        cwd=ROOT,
        env={**os.environ, "HOURGLASS_HOME": str(made.store.settings.home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert ended.stdout.strip().splitlines()[-1] == "imported:"
