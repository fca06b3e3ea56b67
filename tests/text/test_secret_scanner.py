"""The second pass finds what it must, and does not find nothing in silence."""

from __future__ import annotations

import subprocess
import sys

import pytest

from workbench.errors import WorkbenchError
from workbench.text import secret_scanner
from workbench.text.secret_scanner import PLUGINS, scanned_secrets, scanners


@pytest.mark.parametrize("probe", [plugin[-1] for plugin in PLUGINS], ids=[p[1] for p in PLUGINS])
def test_each_detector_finds_what_it_was_made_for(probe: str) -> None:
    """Called as redaction calls it, with no settings around."""
    assert list(scanned_secrets(f"x {probe} y", f"x {probe} y".lower()))


def test_no_detector_measures_entropy() -> None:
    """Those for entropy change nine in ten harmless lines."""
    assert not any("Entropy" in type(plugin).__name__ for plugin, _ in scanners())
    assert len(scanners()) == len(PLUGINS)


def test_a_detector_that_finds_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass that finds nothing would look like a text without secrets."""
    module, name, hints, _ = PLUGINS[0]
    monkeypatch.setattr(secret_scanner, "PLUGINS", ((module, name, hints, "akc nothing"),))
    with pytest.raises(WorkbenchError, match=name):
        scanners.__wrapped__()


def test_it_is_imported_when_a_line_needs_it() -> None:
    """Importing redaction does not import the package, which brings an HTTP client."""
    code = "import workbench.text.redact, sys; print('detect_secrets' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
