"""What a failure comes down to: what is blanked, what stays, what is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.text.digests import AT, WITH, digest, template_of

TEMPLATES = [
    # exception, message, template
    (
        "OSError",
        "[Errno 28] No space left on device",
        "OSError: [Errno 28] No space left on device",
    ),
    (
        "FileNotFoundError",
        "[Errno 2] No such file or directory: '/in/orders_20260301.csv'",
        "FileNotFoundError: [Errno 2] No such file or directory: <q>",
    ),
    ("KeyError", "'customer_id'", "KeyError: customer_id"),
    (
        "HTTPError",
        "403 Client Error: Forbidden for url: https://api.acme.example.com/v1/17?page=2",
        "HTTPError: 403 Client Error: Forbidden for url: <url>",
    ),
    (
        "Forbidden",
        "403 GET https://x.example.com/b: no access",
        "Forbidden: 403 GET <url>: no access",
    ),
    (
        "IntegrityError",
        '(psycopg2.errors.UniqueViolation) duplicate key in "a_pkey"\nDETAIL:  Key (id)=(17) is.\n'
        "\n[SQL: INSERT INTO orders VALUES (%(id)s)]\n[parameters: {'id': 17}]\n"
        "(Background on this error at: https://sqlalche.me/e/20/gkpj)",
        "IntegrityError: (UniqueViolation) duplicate key in <q> DETAIL: Key (id)=<q> is.",
    ),
    (
        "UndefinedColumn",
        'column "total" does not exist\nLINE 1: select total\n               ^\n',
        "UndefinedColumn: column <q> does not exist",
    ),
    (
        "ProgrammingError",
        "002003 (42S02): 01b1f82f-649f-738f-964d-362fad7faf8b: Object 'RAW.ORDERS' is not there",
        "ProgrammingError: <n> (42S02): <uuid>: Object <q> is not there",
    ),
    ("DatabaseError", "ORA-00942: no such thing", "DatabaseError: ORA-00942: no such thing"),
    (
        "CalledProcessError",
        "Command '['bash', '-c', 'kill -9 $$']' died with <Signals.SIGKILL: 9>.",
        "CalledProcessError: Command <command> died with <Signals.SIGKILL: 9>.",
    ),
    (
        "ApiException",
        "(403)\nReason: Forbidden\nHTTP response headers: HTTPHeaderDict({'Date': 'today'})\n"
        'HTTP response body: {"message":"pods \\"etl-1\\" is forbidden: exceeded quota"}',
        "ApiException: (403) Reason: Forbidden pods <q> is forbidden: exceeded quota",
    ),
    (
        "AttributeError",
        "'Frame' object has no attribute 'append'",
        "AttributeError: Frame object has no attribute append",
    ),
    (
        "ValueError",
        "Usecols do not match columns, not found: ['total', 'placed']",
        "ValueError: Usecols do not match columns, not found: <list>",
    ),
    (
        "RefreshError",
        "('invalid_grant: Invalid JWT.', 1)",
        "RefreshError: ( invalid_grant: Invalid JWT. , <n>)",
    ),
    (
        "OSError",
        "permission denied for table orders",
        "OSError: permission denied for table <name>",
    ),
    ("OSError", "table or view does not exist", "OSError: table or view does not exist"),
    ("OSError", "Pod etl-load-6vlpg failed to start", "OSError: Pod <id> failed to start"),
    ("AssertionError", "", "AssertionError"),
    (None, "the worker fell silent", "the worker fell silent"),
]
BOTH_VERSIONS = [
    (
        ("KeyError", "'Variable region does not exist'"),
        ("AirflowRuntimeError", "VARIABLE_NOT_FOUND: {'message': 'Variable region not found'}"),
    ),
    (
        ("AirflowNotFoundException", "The conn_id `wh` isn't defined"),
        ("AirflowRuntimeError", "CONNECTION_NOT_FOUND: {'conn_id': 'wh'}"),
    ),
    (
        ("TypeError", "Object of type Decimal is not JSON serializable"),
        ("TypeError", "cannot serialize object of type <class 'Decimal'>"),
    ),
    (
        (None, "Detected zombie job: {'full_filepath': '/dags/a.py'}"),
        (None, "Detected a task instance without a heartbeat: filepath='a.py'"),
    ),
    (
        (None, "Task exited with return code Negsignal.SIGKILL"),
        (None, "Process terminated by signal (SIGKILL)"),
    ),
    ((None, "Task exited with return code -9"), (None, "Process terminated by signal (SIGKILL)")),
    (
        (None, "State of this instance has been externally set to failed. Terminating instance."),
        (None, "Server indicated the task shouldn't be running anymore"),
    ),
]


@pytest.mark.parametrize(("exception", "message", "template"), TEMPLATES)
def test_variables_go_and_what_tells_the_kind_stays(
    exception: str | None, message: str, template: str
) -> None:
    """Ids, paths, names and rows are blanked; statuses, codes, signals, error numbers are not."""
    assert template_of(digest(exception, message)) == template


@pytest.mark.parametrize(("old", "new"), BOTH_VERSIONS)
def test_airflow_says_it_in_one_wording(
    old: tuple[str | None, str], new: tuple[str | None, str]
) -> None:
    """What the two major versions of Airflow say in different words has one digest."""
    assert digest(*old) == digest(*new)


def test_what_was_blanked_and_where_it_was_raised_stand_below() -> None:
    """Values come without numbers, once each, in the order in which they stood."""
    text = "cannot copy '/in/a1.csv' to '/out/b', nor '/in/a2.csv' at all"
    assert digest("CopyError", text, place="etl.py:copy").split("\n")[1:] == [
        f"{WITH}/in/a1.csv; /out/b; /in/a2.csv",
        f"{AT}etl.py:copy",
    ]


def test_what_a_child_said_last_stands_beside_an_exit_code() -> None:
    """The template holds both, each without variables."""
    made = digest("AirflowException", "exit code 1", told="dd: writing '/a/b': No space left")
    assert template_of(made) == "AirflowException: exit code 1 | dd: writing <q>: No space left"


@given(st.text(max_size=300), st.text(max_size=80))
def test_any_text_has_a_digest_of_one_template_line(message: str, told: str) -> None:
    """Whatever stands in a log: no exception, a first line that is bounded, twice the same."""
    made = digest("SomeError", message, told=told)
    assert made == digest("SomeError", message, told=told)
    assert template_of(made).startswith("SomeError")
    assert len(template_of(made)) <= 420
