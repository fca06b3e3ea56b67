"""What a scan is given from a bench: call sites, import maps, rules, hot paths, the whole past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from workbench.analysis.history.challenge_further import Arguer
    from workbench.analysis.history.scan import Scan
    from workbench.bench import Bench
    from workbench.domain.histories import History
    from workbench.domain.patterns import Pattern


def imported_modules(opened: Bench) -> pl.DataFrame | None:
    """Return the modules that downstreams import, and when; None when none is loaded."""
    frame = opened.import_spans()
    return frame.select("module", "since_utc", "until_utc").unique() if frame.height else None


def findings_in(
    opened: Bench,
    history: History,
    patterns: Sequence[Pattern],
    *,
    until: datetime | None = None,
    arguer: Arguer | None = None,
) -> Scan:
    """Scan a span with everything that the bench and its catalogue know, or knew at a moment."""
    from workbench.analysis.history.scan import scan
    from workbench.analysis.scale.cards import Scale
    from workbench.bench.downstreams import downstream_texts
    from workbench.cli.scale_measurements import kept_curves

    with downstream_texts(opened) as source_of:
        result = scan(
            patterns,
            history,
            call_sites=opened.call_site_spans(),
            rules=opened.catalogue.triage_rules(),
            hot_paths=opened.catalogue.hot_paths(),
            imported=imported_modules(opened),
            past=opened.history(until=until),
            source_of=source_of,
            arguer=arguer,
            scale=Scale().measured(kept_curves(opened.store.path)),
        )
    for pattern, how in result.failed.items():
        say_failed(pattern, how)
    return result


def say_failed(pattern: str, how: object) -> None:
    """Name a pattern whose detector failed: the others went on without it."""
    from workbench.cli.answers import note

    note(f"problem: the detector of {pattern} failed, the others went on: {how}")


def findings_of(
    opened: Bench, *, since: datetime | None = None, until: datetime | None = None
) -> Scan:
    """Scan a span of the bench with every running pattern, facts read first where missing."""
    opened.ensure_facts()
    history = opened.history(since=since, until=until)
    return findings_in(opened, history, opened.catalogue.patterns())


def configured_arguer() -> Arguer | None:
    """Return who argues beside the challenge: the model that the settings name, or nobody.

    Raises
    ------
    EndpointError
        The settings are wrong; what the endpoint answers later is never an error.
    """
    from workbench.endpoint import open_endpoint, read_settings

    settings = read_settings()
    if settings is None:
        return None
    from workbench.analysis.history.model_arguments import arguer_of

    return arguer_of(open_endpoint(settings))
