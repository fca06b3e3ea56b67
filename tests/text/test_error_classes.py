"""Classes of trouble: what agreed codes and words say, whatever driver or version says them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.text.error_classes import CODE, NAMES, OTHER, error_classes


@pytest.mark.parametrize(
    ("template", "first"),
    [
        ("MemoryError", "out-of-memory"),
        ("ProcessKilled: the process was killed by signal SIGKILL", "out-of-memory"),
        ("AirflowException: Bash command failed. exit code 137", "out-of-memory"),
        ("OSError: [Errno 28] the volume <q>", "disk-full"),
        ("ProcessKilled: ended by SIGSEGV", "crash"),
        ("AirflowException: Task received SIGTERM signal", "terminated"),
        ("HeartbeatLost: the scheduler heard no heartbeat of the task", "heartbeat"),
        ("DeadlockDetected: deadlock detected", "deadlock"),
        ("OperationalError: (<name>) database is locked", "locked"),
        ("OperationalError: FATAL: sorry, too many clients already", "pool-exhausted"),
        ("HTTPError: 429 Client Error: for url: <url>", "rate-limited"),
        ("HTTPError: 401 Client Error: for url: <url>", "authentication"),
        ("HTTPError: 403 Client Error: for url: <url>", "permission"),
        ("SSLCertVerificationError: certificate verify failed", "tls"),
        ("gaierror: [Errno -2] Name or service not known", "dns"),
        ("ReadTimeout: nothing came for <duration>", "timeout"),
        ("ConnectionResetError: [Errno 104] reset by peer", "connection-lost"),
        ("ConnectionRefusedError: [Errno 111] Connection refused", "unreachable"),
        ("HTTPError: 500 Server Error: Internal Server Error for url: <url>", "remote-error"),
        ("ModuleNotFoundError: No module named <q>", "missing-module"),
        ("AirflowNotFoundException: The conn_id <q> isn't defined", "missing-setting"),
        ("FileNotFoundError: [Errno 2] No such file or directory: <q>", "missing-thing"),
        ("UndefinedError: <q> is undefined", "template"),
        ("UndefinedColumn: column <q> does not exist", "missing-thing"),
        ("UnicodeDecodeError: <q> codec can't decode byte", "data"),
        ("OSError: [Errno 24] Too many open files", "limits"),
        ("ImagePullBackOff: Back-off pulling image <q>", "image"),
        ("ProgrammingError: SQL syntax error at or near <q>", "syntax"),
        ("PicklingError: cannot pickle <q>", "serialization"),
        ("AirflowSensorTimeout", "timeout"),
        ("KeyError: invoice_country", CODE),
        ("IndexError: list index out of range", CODE),
        ("Closed: nobody was there", OTHER),
        ("", OTHER),
    ],
)
def test_the_class_that_a_template_tells_of(template: str, first: str) -> None:
    """The most telling one comes first."""
    assert error_classes(template)[0] == first


@pytest.mark.parametrize(
    ("template", "never"),
    [
        ("ValueError: page <n> of 4290 rows", "rate-limited"),
        ("ValueError: order 14031 has no lines", "permission"),
        ("KeyError: shelf_404_code", "missing-thing"),
        ("OSError: [Errno 13] on <path>", "unreachable"),
        ("RuntimeError: a forwarded message", "dns"),
    ],
)
def test_a_code_is_no_part_of_a_longer_number(template: str, never: str) -> None:
    """429 in 4290, 403 in 14031: no code of a protocol."""
    assert never not in error_classes(template)


def test_all_that_a_template_tells_of_are_named() -> None:
    """A lock that timed out is both, the lock first; each class once."""
    found = error_classes("OperationalError: Lock wait timeout exceeded")
    assert found[0] == "locked"
    assert "timeout" in found
    assert len(set(found)) == len(found)


@given(st.text(max_size=300))
def test_every_text_has_a_class_that_has_a_name(text: str) -> None:
    """At least one, of the known ones, the same each time; a bug or nothing only alone."""
    found = error_classes(text)
    assert found
    assert set(found) <= set(NAMES)
    assert error_classes(text) == found
    assert len(found) == 1 or not {CODE, OTHER} & set(found)
