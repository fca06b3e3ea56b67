"""One wording for what Airflow 2 and Airflow 3 say in different words about the same failure.

Both sides are Airflow's own sentences, as its two major versions write them. What a task, a library
or a database says is never reworded.
"""

from __future__ import annotations

import re

Wording = tuple[re.Pattern[str], str]


def _wording(pattern: str, said: str) -> Wording:
    return re.compile(pattern, re.DOTALL), said


# What is matched is "Exception: message", or the failure line where there is no exception.
WORDINGS: tuple[Wording, ...] = (
    _wording(
        r"^KeyError: ['\"]+Variable (?P<name>\S{1,250}) does not exist.*",
        r"AirflowNotFound: Variable '\g<name>' is not defined",
    ),
    _wording(
        r"^AirflowRuntimeError: VARIABLE_NOT_FOUND: "
        r".*?(?:Variable |'key': ')(?P<name>[^\s']{1,250}).*",
        r"AirflowNotFound: Variable '\g<name>' is not defined",
    ),
    _wording(
        r"^AirflowRuntimeError: CONNECTION_NOT_FOUND: .*?(?:'conn_id': '|id |`)"
        r"(?P<name>[^\s'`]{1,250}).*",
        r"AirflowNotFoundException: The conn_id `\g<name>` isn't defined",
    ),
    _wording(
        r"^(?:AirflowRuntimeError: DAGRUN_ALREADY_EXISTS|DagRunAlreadyExists: ).*",
        r"DagRunAlreadyExists: a run of this DAG with this id or date already exists",
    ),
    _wording(
        r"^TypeError: Object of type (?P<name>\w{1,100}) is not JSON serializable.*",
        r"TypeError: cannot serialize object of type '\g<name>'",
    ),
    _wording(
        r"^TypeError: cannot serialize object of type <class '(?P<name>[^']{1,100})'>.*",
        r"TypeError: cannot serialize object of type '\g<name>'",
    ),
    _wording(
        r"^(?:Detected zombie job|Detected a task instance without a heartbeat"
        r"|(?:Task instance )?[Hh]eartbeat timed? ?out).*",
        r"HeartbeatLost: the scheduler heard no heartbeat of the task",
    ),
    _wording(
        r"^(?:State of this instance has been externally set to (?P<state>\w+)"
        r"|Server indicated the task shouldn't be running anymore).*",
        r"StateChanged: the state was set from outside while the task ran",
    ),
    _wording(
        r"^(?:Executor \S+ reported that the task instance .* finished with state"
        r"|Executor reports task instance ).*",
        r"StateMismatch: the executor says that the task ended, the database that it did not",
    ),
    _wording(
        r"^(?:AirflowException|AirflowTaskTerminated): Task received SIGTERM signal.*",
        r"AirflowTaskTerminated: Task received SIGTERM signal",
    ),
    _wording(
        r"^(?:Received SIGTERM. Terminating subprocesses).*",
        r"AirflowTaskTerminated: Task received SIGTERM signal",
    ),
    _wording(
        r"^(?:Process terminated by signal|Task exited with return code"
        r"|Task killed!|Job \d+ was killed before it finished).*?"
        r"(?:SIG(?P<name>[A-Z]{3,6})|(?<!\d)-(?P<number>\d{1,2})(?!\d)).*",
        r"ProcessKilled: the task's process was killed by signal SIG\g<name>\g<number>",
    ),
    _wording(
        r"^Task[Dd]eferral\w*: (?:Trigger/execution|Trigger) timeout.*",
        r"TaskDeferralTimeout: Trigger timeout",
    ),
)
OLD_WORDS: tuple[Wording, ...] = (
    _wording(r"\bexecution[_ ]date", "logical_date"),
    _wording(
        r"\bairflow\.(?:operators|sensors|hooks)\.(?:bash|python|empty)\b", "airflow.standard"
    ),
)
NUMBERED = {
    "SIG1": "SIGHUP",
    "SIG2": "SIGINT",
    "SIG3": "SIGQUIT",
    "SIG4": "SIGILL",
    "SIG6": "SIGABRT",
    "SIG7": "SIGBUS",
    "SIG8": "SIGFPE",
    "SIG9": "SIGKILL",
    "SIG11": "SIGSEGV",
    "SIG13": "SIGPIPE",
    "SIG14": "SIGALRM",
    "SIG15": "SIGTERM",
}
NUMBERED_SIGNAL = re.compile(r"SIG\d{1,2}$")


def one_wording(exception: str | None, message: str) -> tuple[str | None, str]:
    """Return exception and message in the words that stand for both major versions.

    Examples
    --------
    >>> one_wording("KeyError", "'Variable region does not exist'")
    ('AirflowNotFound', "Variable 'region' is not defined")
    """
    whole = f"{exception}: {message}" if exception else message
    for pattern, said in WORDINGS:
        found = pattern.match(whole)
        if found is None:
            continue
        name, _, rest = found.expand(said).partition(": ")
        rest = NUMBERED_SIGNAL.sub(lambda each: NUMBERED.get(each[0], each[0]), rest)
        return name, rest
    for pattern, said in OLD_WORDS:
        message = pattern.sub(said, message)
    return exception, message
