"""Classes of trouble that error messages tell of, by the codes and words systems agree on.

The table follows what is agreed on across systems: POSIX error numbers, HTTP statuses, signals,
SQLSTATE classes as drivers name them, gRPC and cloud error codes, and Python's own exceptions.
"""

from __future__ import annotations

import re

OTHER = "other"
CODE = "code-bug"
_CLASSES: tuple[tuple[str, str], ...] = (
    (
        "out-of-memory",
        r"MemoryError|OOM|[Oo]ut of memory|Cannot allocate memory|Java heap|Errno 12\b"
        r"|exit[ _]code -?137\b|SIGKILL|exit code -9\b|[Ee]victed|memory limit",
    ),
    ("disk-full", r"[Nn]o space left|Errno (?:28|122)\b|[Dd]isk ?(?:is )?[Ff]ull|[Dd]isk quota"),
    (
        "crash",
        r"SIG(?:SEGV|ABRT|BUS|ILL|FPE)|[Ss]egmentation|core dumped|exit code -?(?:139|134|11)\b"
        r"|[Ff]atal Python error",
    ),
    (
        "terminated",
        r"SIG(?:TERM|INT|HUP)|exit code -?(?:143|15|130)\b|Terminated|StateChanged"
        r"|KeyboardInterrupt|externally set",
    ),
    ("heartbeat", r"HeartbeatLost|StateMismatch|[Zz]ombie|heartbeat"),
    ("deadlock", r"[Dd]eadlock|SerializationFailure|could not serialize access"),
    (
        "locked",
        r"database is locked|LockNotAvailable|obtain lock|[Ll]ock wait|[Ll]ock timeout"
        r"|LockTimeout|Concurrent(?:Append|Write|Modification)",
    ),
    (
        "pool-exhausted",
        r"too many (?:clients|connections)|[Pp]ool ?(?:exhausted|limit|Error|Timeout)|QueuePool"
        r"|connection slots|TooManyConnections",
    ),
    (
        "rate-limited",
        r"\b429\b|Too ?Many ?Requests|[Rr]ate.?[Ll]imit|[Tt]hrottl|SlowDown|RESOURCE_EXHAUSTED"
        r"|[Qq]uota|LimitExceeded",
    ),
    (
        "authentication",
        r"\b401\b|Unauthorized|[Uu]nauthenticated|UNAUTHENTICATED|[Aa]uthenticat|[Pp]assword"
        r"|(?:Expired|Invalid)\w*Token|[Cc]redential|SignatureDoesNotMatch"
        r"|invalid_grant|invalid_client|JWT"
        r"|[Ll]ogin failed|[Aa]ccess denied for user|InvalidAccessKey|token (?:is )?expired",
    ),
    (
        "permission",
        r"\b403\b|Forbidden|[Pp]ermission|PERMISSION_DENIED|Errno 1[3]?\b|Access ?Denied"
        r"|Privilege|[Nn]ot authorized|UnauthorizedOperation|[Aa]ccess denied|exit code 126\b"
        r"|not permitted|Read-only file system|command denied",
    ),
    ("tls", r"\bSSL|\bTLS|[Cc]ertificate|handshake"),
    (
        "dns",
        r"[Nn]ame or service|getaddrinfo|gaierror|NameResolution|[Ff]ailed to resolve"
        r"|translate host|name resolution|Errno -[235]\b|[Cc]ould not resolve"
        r"|UnknownHost|nodename nor",
    ),
    (
        "timeout",
        r"[Tt]imed? ?-?out|Timeout|TIMEOUT|[Dd]eadline|DEADLINE_EXCEEDED|\b(?:504|408)\b"
        r"|Errno 110\b|QueryCanceled|took too long|too long to",
    ),
    (
        "connection-lost",
        r"reset by peer|ConnectionReset|[Bb]roken ?[Pp]ipe|server closed|Connection aborted"
        r"|IncompleteRead|RemoteDisconnected|RemoteProtocol|[Cc]onnection (?:was |has been |is )?"
        r"(?:already )?(?:lost|closed|terminated)|gone away|Errno (?:104|32)\b|Lost connection"
        r"|ConnectionClosed|EOFError|unexpected EOF|ChunkedEncoding|AdminShutdown|InterfaceError"
        r"|[Cc]onnection unexpectedly",
    ),
    (
        "unreachable",
        r"[Rr]efused|Errno (?:111|113|101)\b|[Uu]nreachable|No route|[Cc]ould(?:n't| not) connect"
        r"|[Uu]nable to connect|NoValidConnections|NewConnectionError|[Cc]an't connect"
        r"|[Ff]ailed to connect|[Ff]ailed to establish|EndpointConnection|\b50[23]\b"
        r"|[Ss]ervice ?[Uu]navailable|UNAVAILABLE|Bad Gateway|NoBrokers"
        r"|[Bb]rokers? (?:are )?down|BROKERS_DOWN|[Nn]o listener",
    ),
    ("remote-error", r"\b500\b|Internal ?Server ?Error|ServerError|InternalFailure|INTERNAL\b"),
    (
        "missing-module",
        r"ModuleNotFound|ImportError|No module named|cannot import name|ClassNotFound|NoClassDef",
    ),
    (
        "missing-setting",
        r"conn_id|\bVariable\b|AirflowNotFound|KeyError: [A-Z][A-Z0-9_]{3,}(?:\s|$)"
        r"|ConfigException|not configured|kube-?config|[Cc]onfiguration (?:file|error|key|not)"
        r"|[Cc]ould not find profile|[Cc]onfig (?:file|error|section|key|option)"
        r"|NoRegion|environment variable|[Mm]issing required|AirflowConfigException",
    ),
    (
        "missing-thing",
        r"FileNotFound|[Nn]o such file|NoSuch(?:Key|Bucket)|\b404\b|NOT_FOUND"
        r"|(?:^|[^ew]|[^lt]e|[^o]w)[Nn]ot ?[Ff]ound|does(?: not|n't) exist"
        r"|Errno 2\b|exit code 127\b|(?:path|file|directory|bucket|object) .{0,60}(?:not exist|"
        r"missing)|NotADirectory|ResourceNotFound|NoSuchFile",
    ),
    ("template", r"[Jj]inja|Undefined(?:Error)?\b|Template|is undefined|template"),
    (
        "schema",
        r"Undefined(?:Column|Table|Function|Object)|(?:column|relation|table|schema) .{0,80}"
        r"(?:not exist|not found|unknown)|[Nn]o such (?:table|column)|[Uu]nknown column"
        r"|not in index|Usecols|columns expected|\bschema"
        r"|[Ii]nvalid (?:column|identifier|object name)"
        r"|AnalysisException|UNRESOLVED_COLUMN|DatatypeMismatch"
        r"|[Cc]olumns? .{0,40}(?:missing|match)",
    ),
    (
        "data",
        r"[Dd]ecode|Unicode|ParserError|[Tt]okeniz|[Ii]nvalid (?:input|literal|value|date)"
        r"|[Cc]ould not convert|[Vv]iolat|IntegrityError|DataError|[Dd]uplicate|out of range for"
        r"|NumericValue|Expecting (?:value|property)|[Uu]nable to parse|[Uu]nparsable|NaN\b"
        r"|[Nn]ull value|NOT NULL"
        r"|[Vv]alidation|[Ee]xpectation|[Cc]hecks? failed|[Mm]alformed|[Cc]orrupt|BadZip|BadGzip"
        r"|not a (?:zip|gzip)|InvalidText|TooLong|does not match format|CastInvalid|ArrowInvalid"
        r"|[Ee]mpty (?:file|result)|EmptyData|[Tt]ests? .{0,20}fail"
        r"|[Ff]ailure in test|DivisionByZero",
    ),
    (
        "limits",
        r"[Tt]oo many open files|Errno (?:24|11|23)\b|start new thread|[Rr]esource temporarily",
    ),
    ("image", r"ImagePull|ErrImage|image .{0,40}pull|pull.{0,20}image"),
    ("syntax", r"[Ss]yntax ?[Ee]rror|SQL syntax|ParseException|mismatched input|compilation error"),
    ("serialization", r"serializ|[Pp]ickl|JSON serial"),
    (
        "task-flow",
        r"DagNotFound|[Ee]xternal (?:task|DAG)|DagRun|ExternalTask|Branch"
        r"|[Tt]ask.{0,30}(?:not found|missing)|[Tt]rigger|XCom|Deferral|Sensor|ParamValidation",
    ),
)
CODE_ERROR = re.compile(
    r"^(?:IndexError|AttributeError|TypeError|NameError|ZeroDivisionError|UnboundLocalError"
    r"|RecursionError|NotImplementedError|SyntaxError|IndentationError|AssertionError|KeyError"
    r"|StopIteration|RuntimeError|ValueError|LookupError|ArithmeticError|OverflowError)\b"
)
CLASSES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern)) for name, pattern in _CLASSES
)
NAMES = (*(name for name, _ in CLASSES), CODE, OTHER)


def error_classes(template: str) -> tuple[str, ...]:
    """Return the classes of trouble that a template tells of, the most telling one first.

    Examples
    --------
    >>> error_classes("HTTPError: 403 Client Error: Forbidden for url: <url>")
    ('permission',)
    >>> error_classes("IndexError: list index out of range")
    ('code-bug',)
    """
    found = tuple(name for name, pattern in CLASSES if pattern.search(template))
    if found:
        return found
    return (CODE,) if CODE_ERROR.match(template) else (OTHER,)
