"""Faults of many kinds, a few of each class: what similarity and clusters are held to."""

from __future__ import annotations

from tests.analysis.failures.logs import Fault

BASH = "Bash command failed. The command returned a non-zero exit code"


def _fault(cls: str, exception: str | None, message: str, told: str = "", place: str = "") -> Fault:
    return Fault(cls=cls, exception=exception, message=message, told=told, place=place)


FAULTS = [
    _fault("oom", "MemoryError", "Unable to allocate {n}.7 GiB", place="build"),
    _fault("oom", "AirflowException", f"{BASH} 137.", told="Killed"),
    _fault(
        "oom",
        "AirflowException",
        "Pod etl-load-{n} returned a failure.\nremote_pod: {'metadata': {'uid': '{uuid}'}, 'status'"
        ": {'terminated': {'exit_code': 137, 'reason': 'OOMKilled', 'signal': None}}}",
    ),
    _fault("timeout", "ReadTimeout", "Read timed out. (read timeout=30)", place="fetch"),
    _fault("timeout", "AirflowSensorTimeout", "Sensor has timed out; run took {n}.5 seconds"),
    _fault("timeout", "TimeoutError", "[Errno 110] Connection timed out", place="send"),
    _fault(
        "denied",
        "ClientError",
        "An error occurred (AccessDenied) when calling the GetObject operation: Access Denied",
        place="read_raw",
    ),
    _fault(
        "denied",
        "HTTPError",
        "403 Client Error: Forbidden for url: https://{host}/v1/{n}",
        place="a",
    ),
    _fault(
        "denied", "PermissionError", "[Errno 13] Permission denied: '/out/{date}.csv'", place="b"
    ),
    _fault("denied", "AirflowException", f"{BASH} 1.", told="cat: /srv/{date}: Permission denied"),
    _fault(
        "missing",
        "ClientError",
        "An error occurred (NoSuchKey) when calling the GetObject operation: The key is not there",
        place="read_raw",
    ),
    _fault("missing", "FileNotFoundError", "[Errno 2] No such file or directory: '/in/{date}.csv'"),
    _fault("missing", "HTTPError", "404 Client Error: Not Found for url: https://{host}/v1/{n}"),
    _fault("missing", "AirflowException", f"{BASH} 1.", told="wc: /in/{date}: No such file"),
    _fault("auth", "HTTPError", "401 Client Error: Unauthorized for url: https://{host}/v1/{n}"),
    _fault("auth", "OperationalError", 'FATAL:  password authentication failed for user "etl"'),
    _fault(
        "auth",
        "ClientError",
        "An error occurred (ExpiredToken) when calling the ListObjects operation: it has expired",
    ),
    _fault(
        "refused",
        "OperationalError",
        'connection to server at "{host}", port {n} failed: Connection refused',
        place="pg",
    ),
    _fault("refused", "ConnectionError", "Error 111 connecting to {host}. Connection refused."),
    _fault("refused", "ConnectError", "[Errno 111] Connection refused", place="call"),
    _fault("dns", "gaierror", "[Errno -3] Temporary failure in name resolution", place="call"),
    _fault("dns", "OperationalError", 'could not translate host name "{host}" to address'),
    _fault("dns", "ConnectionError", "Failed to resolve '{host}' ([Errno -2] Name not known)"),
    _fault(
        "unique", "UniqueViolation", 'duplicate key violates "a_pk"\nDETAIL:  Key (id)=({n}) is.'
    ),
    _fault(
        "unique", "IntegrityError", "(1062, \"Duplicate entry '{n}' for key 'orders.PRIMARY'\")"
    ),
    _fault("schema", "UndefinedTable", 'relation "staging.orders_{date}" does not exist'),
    _fault("schema", "UndefinedColumn", 'column "total" does not exist\nLINE 1: select total'),
    _fault("schema", "KeyError", "\"['total'] not in index\"", place="shape"),
    _fault("data", "ValueError", "invalid literal for int() with base 10: 'n/a'", place="parse"),
    _fault("data", "ValueError", "could not convert string to float: '12,50'", place="parse"),
    _fault("data", "BadZipFile", "File is not a zip file", place="unpack"),
    _fault("bug", "TypeError", "'NoneType' object is not subscriptable", place="join"),
    _fault("bug", "AttributeError", "'NoneType' object has no attribute 'upper'", place="clean"),
    _fault("bug", "KeyError", "'customer_id'", place="enrich"),
    _fault("bug", "IndexError", "list index out of range", place="first"),
    _fault("xcom", "TypeError", "'NoneType' object is not subscriptable", place="pull"),
    _fault(
        "rate", "HTTPError", "429 Client Error: Too Many Requests for url: https://{host}/v1/{n}"
    ),
    _fault("rate", "TooManyRequests", "429 POST https://{host}/v2/{n}: Quota exceeded"),
    _fault("module", "ModuleNotFoundError", "No module named 'pyarrow'", place="load"),
    _fault("crash", "CalledProcessError", "Command '['a', 'b']' died with <Signals.SIGSEGV: 11>."),
]
