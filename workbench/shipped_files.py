"""Where the files that travel with the package stand: in a wheel, or in the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

PACKAGE = Path(__file__).parent
IN_CHECKOUT = {"patterns": "patterns", "fixtures": "data/fixtures", "notebooks": "notebooks"}


def shipped(name: Literal["patterns", "fixtures", "notebooks"]) -> Path:
    """Return the folder as it came with the package; in an editable install the checkout's own."""
    packed = PACKAGE / "_shipped" / name
    return packed if packed.is_dir() else PACKAGE.parent / IN_CHECKOUT[name]


def patterns_folder(given: Path | str | None = None) -> Path:
    """Return the folder asked for, else ``./patterns`` if it is there, else the shipped copy."""
    if given is not None:
        return Path(given).expanduser()
    here = Path("patterns")
    return here if here.is_dir() else shipped("patterns")
