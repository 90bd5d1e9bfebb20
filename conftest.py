"""How nbval runs and compares: quiet kernels without a history file; the plain text of a result, not its HTML."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

SETTINGS = "c = get_config()\nc.HistoryManager.enabled = False\nc.IPKernelApp.log_level = 40\n"


def pytest_configure(config: pytest.Config) -> None:
    """Give kernels a profile of their own: a history file that is locked writes into a notebook's output."""
    folder = tempfile.TemporaryDirectory()
    config.add_cleanup(folder.cleanup)
    profile = Path(folder.name) / "profile_default"
    profile.mkdir()
    (profile / "ipython_kernel_config.py").write_text(SETTINGS, encoding="utf-8")
    os.environ["IPYTHONDIR"] = folder.name
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"


def pytest_collectstart(collector: pytest.Collector) -> None:
    if getattr(collector, "path", None) and collector.path.suffix == ".ipynb" and hasattr(collector, "skip_compare"):
        collector.skip_compare += ("text/html", "application/vnd.jupyter.widget-view+json")
