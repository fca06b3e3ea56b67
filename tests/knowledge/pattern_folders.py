"""Pattern folders for tests: a sound one, and texts of TOML from plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

SOUND: dict[str, Any] = {
    "id": "T-lost-function",
    "version": 1,
    "stage": "trial",
    "title": "A function goes away",
    "severity": "HIGH",
    "failure_mode": "crash",
    "describe": "A function that other code calls is taken out, and every call to it fails.",
    "message": "{name} is gone from {path}.",
    "detector": {"kind": "text", "removed": r"(?m)^def (?P<name>\w+)\(", "paths": ["src/**"]},
    "examples": [
        {
            "name": "gone",
            "why": "The only function goes.",
            "expect": [{"path": "src/shop.py", "line": 3}],
        },
        {"name": "body-only", "why": "Only the body of it differs.", "expect": []},
    ],
    "origins": [{"kind": "commit", "ref": "Shop PR #12", "date": date(2026, 1, 5)}],
    "lifecycle": {
        "created": date(2026, 1, 10),
        "author": "pattern-author",
        "reviewed": date(2026, 1, 12),
        "reviewer": "reviewer",
    },
}
SHOP = "import os\n\ndef sell(item):\n    return os.sep\n"
TREES: dict[str, str] = {
    "gone/before/src/shop.py": SHOP,
    "gone/after/src/shop.py": "import os\n",
    "body-only/before/src/shop.py": SHOP,
    "body-only/after/src/shop.py": SHOP.replace("os.sep", "item"),
}


def write_pattern(
    root: Path,
    changes: Mapping[str, Any] | None = None,
    *,
    folder: str = "",
    trees: Mapping[str, str] = TREES,
    files: Mapping[str, str] | None = None,
) -> Path:
    """Write a sound pattern's folder with some keys changed; a value of None takes a key out."""
    data = {k: v for k, v in (SOUND | dict(changes or {})).items() if v is not None}
    made = root / (folder or str(data["id"]))
    texts = {f"examples/{path}": text for path, text in trees.items()}
    for path, text in ({"pattern.toml": toml(data)} | texts | dict(files or {})).items():
        file = made / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return made


def toml(data: Mapping[str, Any]) -> str:
    """Data as TOML, one line per key; lists of tables and tables inline."""
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in data.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, date):
        return value.isoformat()
    # JSON text is a basic string of TOML, but for DEL, which TOML wants escaped
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(key: str) -> str:
    return key if key.replace("_", "").isalnum() and key.isascii() else _value(key)
