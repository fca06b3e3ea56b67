"""Two trees of texts become a history like one that was loaded."""

from __future__ import annotations

from workbench.domain.facts import DELTA_TABLES
from workbench.knowledge.example_history import history_of_trees

GUARDED = "def run(item):\n    if not item:\n        return None\n    return item.price\n"


def test_a_history_of_two_trees() -> None:
    """One commit, with its file changes, hunks and deltas in their declared columns."""
    history = history_of_trees(
        {"src/shop.py": GUARDED, "docs/a.md": "a\n"},
        {"src/shop.py": GUARDED.replace("item.price", "0"), "docs/b.md": "a\n"},
    )
    changes = history["file_changes"]
    assert changes.select("status", "old_path", "path", "is_core").rows() == [
        ("R", "docs/a.md", "docs/b.md", False),
        ("M", "src/shop.py", "src/shop.py", True),
    ]
    assert history["hunks"].select("change_id", "old_start", "new_start").rows() == [(1, 4, 4)]
    assert len(history.commits["sha"].item()) == 40
    for name, table in DELTA_TABLES.items():
        assert history[name].schema == table.schema


def test_the_same_trees_give_the_same_history() -> None:
    """No clock and no chance in it."""
    first, second = (history_of_trees({"a.py": GUARDED}, {"a.py": "x = 1\n"}) for _ in range(2))
    for name in first:
        assert first[name].equals(second[name]), name
