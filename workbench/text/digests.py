"""What a failure comes down to: its exception's short name and its message, without variables."""

from __future__ import annotations

import json
import re

from workbench.text.airflow_wordings import one_wording
from workbench.text.masks import mask

DIGESTER = 1
"""Version of the rules: another one gives other digests for the same failures."""
MOST = 400
LOOKED_AT = 4_000

# What repeats the input, or points to documents, says nothing about the failure's kind.
ECHOES = (
    re.compile(r"\[(?:SQL|parameters|cached since)\b.*?(?:\]\s*(?=\n|$|\())", re.DOTALL),
    re.compile(r"\(Background on this error at: [^)]*\)"),
    re.compile(
        r"^\s*For more information,? (?:check|see|visit)\b.*$", re.MULTILINE | re.IGNORECASE
    ),
    re.compile(r"^(?:LINE \d+:.*|HINT:.*|CONTEXT:.*|QUERY:.*|\s*\^[\s^~]*)$", re.MULTILINE),
    re.compile(r"^DETAIL: {1,2}Process \d+ waits.*\n(?:Process \d+ waits.*\n?)*", re.MULTILINE),
    re.compile(r"(?:HTTP )?[Rr]esponse headers: .*?(?=\n|$)"),
    re.compile(r"\s*\(?(?:See|see|Please see|refer to) https?://\S+\)?"),
    re.compile(
        r"(?:, )?(?:[Rr]equest ?-?[Ii][Dd]|RequestId|[Hh]ost ?[Ii][Dd]|HostId): ?[^\s,;)]+[,;]?"
    ),
)
SQL = re.compile(r"\[SQL: (?P<sql>.{1,400}?)\](?=\s|$)", re.DOTALL)
BODY = re.compile(r"(?:HTTP )?[Rr]esponse body: (?P<body>.*)", re.DOTALL)
BODY_KEYS = ("message", "error", "detail", "error_description", "reason")
DUMP = re.compile(r"\bremote_pod: ?.*|\{'(?:api_version|metadata)':.*", re.DOTALL)
DUMP_SAYS = re.compile(r"'(?P<key>reason|exit_code|signal)': '?(?P<said>[A-Za-z0-9]{2,40})\b")
TRACEBACK = re.compile(r"^Traceback \(most recent call last\):.*", re.DOTALL | re.MULTILINE)
RAISED = re.compile(r"^(?:[A-Za-z_]\w*\.)*(?P<said>[A-Z]\w+(?:: .*)?)$", re.MULTILINE)

COMMAND = re.compile(
    r"(?P<before>\b[Cc]ommand )(?P<said>'.{1,2000}?'|\[.{1,2000}?\]|\(.{1,2000}?\))"
    r"(?= (?:returned|died|timed|failed|exited))",
    re.DOTALL,
)
URL = re.compile(
    r"\b(?:jdbc:)?[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>()\[\]{},;]*[^\s\"'<>()\[\]{},;.:!?]"
)
PATH = re.compile(
    r"(?<![\w>/.])(?:~|\.{1,2})?(?:/[\w.@%+=*<>-]+){2,}/?|(?<![\w>/.])/(?:[\w-]{2,}/?)(?![\w/])"
    r"|(?<![\w>/])(?:[\w.@%+=-]+/)+[\w.@%+=-]*\.\w{1,7}\b"
    r"|(?<![\w>/.])[\w-]+\.(?:csv|tsv|json|jsonl|parquet|py|sql|sh|txt|gz|zip|ya?ml|xml|avro|orc|log"
    r"|jar|xlsx?|pkl|cfg|toml|db)\b"
)
QUOTED = re.compile(r"(?<![\w'\"`])(?P<q>['\"`])(?P<said>(?:(?!(?P=q))[^\n]){1,200})(?P=q)(?![\w])")
NAMES = re.compile(
    r"(?<![\w<>.-])(?:[a-z0-9]+_)+(?:[a-z0-9_]+|<n>)(?![\w<>(=-])"
    r"|(?<![\w<>.])[a-z]+(?:-[a-z0-9]+){3,}(?![\w<>])"
)
ERROR_NAMES = re.compile(
    r"(?:invalid|access|not|un[a-z]+|insufficient|rate|quota|internal|missing|server|bad|no|too"
    r"|permission|resource|deadline|already)_"
)
"""How error codes in small letters begin: these say what failed, not on what."""
OBJECTS = re.compile(
    r"\b(?P<kind>(?:table|relation|column|view|schema|database|index|constraint failed|bucket"
    r"|dataset|topic|queue|collection|role|stage)s?:? )(?!(?:does|or|is|was|not|in|of|has|and|with"
    r"|for|to|from|exists?|names?|the|a|cannot|could)\b)(?P<said>\w[\w.$:-]*)"
    r"(?=\s*$|\n|,|;|\.$| (?:was|does|doesn|not|already|is|in)\b)",
    re.IGNORECASE,
)
THINGS = re.compile(
    r"\b(?P<kind>(?:pods?|job(?: run)?|cluster|step|query|execution|run|container|instance"
    r"|operation) (?:id:? |named? )?\\?[\"']?)(?P<said>(?=[\w.:/-]*[\d-])[a-z0-9][\w.:/-]*\w)",
    re.IGNORECASE,
)
ROWS = re.compile(r"(?P<before>\)=|\bcontains )\((?P<said>[^()\n]{1,300})\)")
OPAQUE = re.compile(
    r"(?<![\w<.-])(?=[a-z0-9]*\d[a-z]*\d)(?=[0-9]*[a-z][0-9]*[a-z])[a-z0-9]{6,}(?![\w>.-])"
)
# Codes that a number's neighbours do not show: they are written in other digits while masking.
CODES = re.compile(
    r"^[1-5]\d\d(?= [A-Z])|(?<=occurred \()\d{3}(?=\))|(?<=curl: \()\d{1,2}(?=\))"
    r"|(?<=[(\['\"])[0-9](?=[0-9]{0,3}[A-Z])[0-9A-Z]{4}(?=[)\]'\"])|(?<=\[)[0-9]{5}(?=\])"
    r"|^\('?[0-9]{5}(?=')|\b(?:ORA|TNS|DPY|DPI|PLS|KFK)-\d+|(?<=HttpError )\d{3}|(?<=val=)-?\d+"
    r"|(?<=[Ee]rror code is: )\d+|(?<=[Ee]rror: )[1-5]\d\d(?= )"
)
PLAIN = "0123456789"
KEPT = "".join(chr(0xFF10 + digit) for digit in range(10))
TO_KEPT, TO_PLAIN = str.maketrans(PLAIN, KEPT), str.maketrans(KEPT, PLAIN)
MODULE = re.compile(r"(?<=[(<])(?:[a-z_]\w*\.){1,8}(?=[A-Z]\w+[)>])")
WORDED = re.compile(r"[A-Za-z]{3,}.*\s.*[A-Za-z]{2,}|^[1-5]\d\d .*", re.DOTALL)
LISTED = re.compile(
    r"[\[{]\s*<(?:q|n|path|url|name)>(?:\s*[,:]\s*<(?:q|n|path|url|name)>)*\s*[\]}]"
)
CODED = re.compile(f"[{KEPT}A-Z]{{5}}")
PLACEHOLDER = re.compile(r"<[a-z]{1,12}>")
WORDS = re.compile(r"[A-Za-z]{2,}")
SPACES = re.compile(r"\s+")
KNOWN_WORDS = frozenset(
    (
        "NoneType",
        "str",
        "int",
        "float",
        "bool",
        "dict",
        "list",
        "tuple",
        "set",
        "bytes",
        "object",
        "type",
        "function",
        "method",
        "module",
        "generator",
        "coroutine",
        "datetime",
        "date",
        "Timestamp",
        "DataFrame",
        "Series",
        "ndarray",
        "utf-8",
        "utf8",
        "ascii",
        "latin-1",
        "cp1252",
        "charmap",
        "None",
        "True",
        "False",
        "null",
    )
)
"""Quoted words that Python or its libraries say, not the task."""
PARAMETERS = frozenset(
    (
        "conn_id",
        "task_id",
        "task_ids",
        "dag_id",
        "run_id",
        "map_index",
        "logical_date",
        "execution_date",
        "xcom_pull",
        "try_number",
        "max_active_runs",
    )
)
CODE_NAMES = frozenset(
    ("AttributeError", "NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError")
)
"""Errors of the code itself: the name in quotes is what is wrong, not what it was run with."""


WITH, AT = "with: ", "at: "
MOST_PARTICULARS = 8


def digest(exception: str | None, message: str, *, told: str = "", place: str = "") -> str:
    """Return what a failure comes down to: its template, and below it what was blanked from it.

    A line that begins with ``with:`` says with which values it failed, one with ``at:`` where;
    numbers in these are blanked too. Two tries that failed alike have the same template; two that
    failed alike on the same thing have the same digest.

    Parameters
    ----------
    exception : str, optional
        The short name of the exception finally raised.
    message : str
        Its message, or the failure line; redacted.
    told : str
        What stood beside it, where the message alone says only that something failed.
    place : str
        The innermost function of the task's own code.

    Examples
    --------
    >>> print(digest("FileNotFoundError", "[Errno 2] No such file or directory: '/in/a17.csv'"))
    FileNotFoundError: [Errno 2] No such file or directory: <q>
    with: /in/a<n>.csv
    """
    exception, message = one_wording(exception, message[:LOOKED_AT])
    blanked = [one_line(mask(found["sql"])) for found in SQL.finditer(message)]
    said = blank(essence(message), blanked, keep_names=exception in CODE_NAMES)
    if not WORDS.search(PLACEHOLDER.sub("", said)):
        # nothing is left that could tell two failures apart: the value itself is what failed
        said = " ".join([said.replace("<q>", "").strip(" '\""), *blanked]).strip() or said
    if told:
        beside = blank(essence(told), blanked)
        said = f"{said} | {beside}" if said else beside
    said = said[:MOST].rstrip()
    lines = [f"{exception}: {said}" if exception and said else exception or said]
    if particulars := [each for each in dict.fromkeys(blanked) if each not in said]:
        lines.append(WITH + "; ".join(particulars[:MOST_PARTICULARS]))
    if place:
        lines.append(AT + place)
    return "\n".join(lines)


def one_line(value: str) -> str:
    """Return the beginning of a value that may have line breaks."""
    return SPACES.sub(" ", value)[:120].strip()


def template_of(text: str) -> str:
    """Return a digest's template: its first line."""
    return text.partition("\n")[0]


def essence(message: str) -> str:
    """Return a message without echoes of its input, dumps and pointers to documents."""
    if body := BODY.search(message):
        message = message[: body.start()] + _said_in_body(body["body"])
    for echo in ECHOES:
        message = echo.sub("", message)
    if dumped := DUMP.search(message):
        found = DUMP_SAYS.finditer(dumped[0])
        pairs = [f"{each['key'].replace('_', ' ')} {each['said']}" for each in found]
        told = [pair for pair in dict.fromkeys(pairs) if not pair.endswith((" None", " Completed"))]
        message = " ".join([message[: dumped.start()], *told])
    if inner := TRACEBACK.search(message):
        raised = RAISED.findall(inner[0])
        message = f"{message[: inner.start()]} {raised[-1] if raised else ''}"
    return message


def _said_in_body(body: str) -> str:
    """Return what an answer's body says about the error; a body that is no JSON is left out."""
    try:
        told = json.loads(body.strip())
    except (ValueError, RecursionError):
        return ""
    error = told.get("error") if isinstance(told, dict) else None
    holders = [each for each in (told, error) if isinstance(each, dict)]
    words = [each.get(key) for each in holders for key in BODY_KEYS]
    return " ".join(dict.fromkeys(word for word in words if isinstance(word, str)))


def blank(message: str, blanked: list[str], *, keep_names: bool = False) -> str:
    """Return a message with placeholders for its variable parts, which are put into ``blanked``."""

    def taken(placeholder: str, value: str) -> str:
        blanked.append(one_line(mask(value).translate(TO_PLAIN)))
        return placeholder

    def quoted(found: re.Match[str]) -> str:
        said = found["said"].strip()
        if PLACEHOLDER.fullmatch(said):
            return "<q>"
        if said in KNOWN_WORDS or CODED.fullmatch(said):
            return said
        if WORDED.search(said) and not said.startswith("{"):
            return f" {QUOTED.sub(quoted, said)} "
        return said if keep_names and said.isidentifier() else taken("<q>", said)

    def named(found: re.Match[str]) -> str:
        keeps = found[0] in PARAMETERS or ERROR_NAMES.match(found[0])
        return found[0] if keeps else taken("<name>", found[0])

    message = COMMAND.sub(lambda f: f["before"] + taken("<command>", f["said"]), message)
    message = URL.sub(lambda f: taken("<url>", f[0]), message)
    message = ROWS.sub(lambda f: f["before"] + taken("<q>", f["said"]), message)
    message = CODES.sub(lambda f: f[0].translate(TO_KEPT), MODULE.sub("", message))
    message = THINGS.sub(lambda f: f["kind"] + taken("<id>", f["said"]), message)
    message = mask(message)
    message = QUOTED.sub(quoted, message)
    message = PATH.sub(lambda f: taken("<path>", f[0]), message)
    if not keep_names:
        message = OBJECTS.sub(lambda f: f["kind"] + taken("<name>", f["said"]), message)
        message = NAMES.sub(named, message)
    message = LISTED.sub("<list>", OPAQUE.sub("<id>", message))
    return SPACES.sub(" ", message).translate(TO_PLAIN).strip()
