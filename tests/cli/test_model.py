"""A scan beside a model on this machine: what it adds, and that nothing depends on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.chat_server import Model, Play, said, servers
from tests.cli.conftest import Run
from workbench.exports.documents import check


def argue(model: Model) -> None:
    """Argue against whatever is asked about, once with the first line and once with none."""
    prompt = model.asked[-1][1]["messages"][0]["content"]
    (line, *_) = json.loads(prompt[prompt.index("\n{\n") :])["lines"]
    down = {"argument": "It is not so bad.", "direction": "down", **line}
    model.answer(said(json.dumps({"arguments": [down, down | {"line": 99_999}]})))


def settings(folder: Path, url: str) -> None:
    table = f'[endpoint]\nurl = "{url}"\nmodel = "small"\ntimeout_seconds = 5\n'
    (folder / "workbench.toml").write_text(table)


def findings(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(f["sha"], f["pattern"], f["severity"]) for f in document["findings"]]


def test_a_model_argues_beside_the_challenge(run: Run, bench: Path, tmp_path: Path) -> None:
    """Its arguments with a line are among the reasons, the others are counted."""
    with servers() as serve:
        settings(tmp_path, serve(argue).url)
        said_so = run("scan", "--json", "--bench", bench)
    assert said_so.code == 0, said_so.err
    check(said_so.document, schema="scan")
    counts = said_so.document["argued"]
    assert counts["asked"] == counts["answered"] == counts["taken"] == counts["dropped"] > 0
    reasons = [r["argument"] for f in said_so.document["findings"] for r in f["review"]["reasons"]]
    assert "It is not so bad." in reasons


def test_nothing_depends_on_it(run: Run, bench: Path, tmp_path: Path) -> None:
    """What it says wrongly, or that nobody is there, leaves the findings as they are."""
    plain = run("scan", "--json", "--bench", bench)
    assert "argued" not in plain.document
    lies = said('{"arguments": [1, {"line": 1}, null]}')
    plays: list[Play] = [
        lambda model: model.answer(lies),
        lambda model: model.answer(b"", code=500),
    ]
    with servers() as serve:
        for play in plays:
            settings(tmp_path, serve(play).url)
            beside = run("scan", "--json", "--bench", bench)
            assert beside.code == 0, beside.err
            assert findings(beside.document) == findings(plain.document)
            assert beside.document["argued"]["taken"] == 0
            assert "the model: " in beside.err


def test_settings_that_are_wrong_are_the_callers(run: Run, bench: Path, tmp_path: Path) -> None:
    """Another machine without its flag ends the command before it begins."""
    settings(tmp_path, "http://models.example.org/v1")
    said_so = run("scan", "--json", "--bench", bench)
    assert said_so.code == 2
    assert "another machine" in said_so.err
