"""Variable parts out of text: what differs between two failures of one kind is blanked."""

from __future__ import annotations

import re
from collections.abc import Callable

# What touches a word or a placeholder is no candidate. A placeholder counts as a word because it
# stands for one: that is why masking twice gives the same as masking once.
START, END = r"(?<![0-9A-Za-z>])", r"(?![0-9A-Za-z<])"
WEEKDAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
CLOCK = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?+)?+"
ZONE = r"(?:[ ]?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?+"

RUNS = re.compile(
    rf"{START}(?:manual|scheduled|backfill|dataset_triggered|asset_triggered|asset_materialization)"
    rf"__[0-9A-Za-z][\w:.+-]*+{END}",
    re.ASCII,
)
TIMES = re.compile(
    rf"{START}(?:[0-9]{{4}}[-/][0-9]{{2}}[-/][0-9]{{2}}(?:[T ]{CLOCK}{ZONE})?+"
    rf"|[0-9]{{8}}T[0-9]{{4,6}}{ZONE}"
    rf"|(?:{WEEKDAY},?[ ])?+[0-9]{{1,2}}[ ]{MONTH}[ ][0-9]{{4}}(?:[ ]{CLOCK}{ZONE})?+"
    rf"|(?:{WEEKDAY}[ ])?+{MONTH}[ ]{{1,2}}[0-9]{{1,2}}[ ]{CLOCK}(?:[ ][0-9]{{4}})?+"
    rf"|[0-9]{{1,3}}:[0-9]{{2}}:[0-9]{{2}}(?:[.,][0-9]{{1,9}})?+{ZONE}){END}"
)
UUIDS = re.compile(
    rf"{START}[0-9A-Fa-f]{{8}}-(?:[0-9A-Fa-f]{{4}}-){{3}}[0-9A-Fa-f]{{12}}{END}",
)
HEXES = re.compile(
    rf"{START}(?:0x[0-9A-Fa-f]++|(?=[a-f]{{0,99}}[0-9])(?=[0-9]{{0,99}}[a-f])[0-9a-f]{{8,128}}){END}"
)
# A replica set's digest and a pod's own end, in the letters that Kubernetes draws them from.
POD_LETTERS = "[bcdf-hj-np-tv-xz2456789]"
PODS = re.compile(rf"(?<=[0-9A-Za-z])-{POD_LETTERS}{{8,10}}-{POD_LETTERS}{{5}}(?![\w<-])", re.ASCII)

URLS = re.compile(
    r"(?<![0-9A-Za-z>])([A-Za-z][A-Za-z0-9+.-]{1,24}://)"
    r"((?:<[a-z][a-z:-]{0,40}>|[^\s\"'<>`|\\^{}()\[\],;])++)"
)
STORAGE = ("s3", "s3a", "s3n", "gs", "wasb", "wasbs", "abfs", "abfss", "hdfs", "file")
OPAQUE = re.compile(r"(?=[^0-9]*[0-9][^0-9]*[0-9])(?=[0-9]*[A-Za-z])[0-9A-Za-z]{4,}")
ADDRESSES = re.compile(
    rf"(?<![0-9A-Za-z>.])(?:[0-9]{{1,3}}\.){{3}}[0-9]{{1,3}}(?::[0-9]{{1,5}})?+{END}(?!\.[0-9])"
    r"|(?<![0-9A-Za-z>:])(?:[0-9A-Fa-f]{1,4}:){3,7}[0-9A-Fa-f]{1,4}(?![0-9A-Za-z<:])"
    r"|(?<![0-9A-Za-z>:])(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}(?![0-9A-Za-z<:])"
)
DOMAINS = re.compile(
    r"(?<![\w.>-])(?:localhost|(?:[0-9A-Za-z][0-9A-Za-z-]{0,62}\.){1,8}"
    r"(?:com|org|net|io|local|internal|cloud|svc|lan|corp))(?::[0-9]{1,5})?+(?![\w<(-])(?!\.\w)",
    re.ASCII,
)
HOME = re.compile(r"(?<=/home/)[\w.-]++(?!<)", re.ASCII)
TEMPORARY = re.compile(r"(?<=/)([a-z]{0,20}tmp)[a-z0-9_]{8}(?![\w<-])", re.ASCII)
QUOTED = re.compile(
    r"(?<![\w>'\"`])(['\"`])(?!utf|latin|cp|iso|ascii)(?=[\w-]{0,64}[0-9][\w-]{0,64}[0-9])"
    r"[\w-]{6,64}\1(?![\w<'\"`])",
    re.ASCII,
)
QUANTITIES = re.compile(
    rf"(?<![\w>.])[0-9]++(?:[.,][0-9]++)*+(?:[ ]?(?P<time>ns|us|µs|ms|s|secs?|seconds?|min|mins"
    rf"|minutes?|hours?|hrs?|days?)|[ ]?(?P<size>[kKMGT]i?B|bytes?|[KMGT]i)"
    rf"|(?P<clock>h(?:[0-9]++m)?+(?:[0-9.]++s)?+|m(?:[0-9.]++s)?+)){END}",
    re.ASCII,
)

# A number that says what kind of failure it is stays: a status, an exit code, an error's number.
NUMBERS = re.compile(
    r"(?<![0-9A-Za-z])[0-9]++(?:[.,_][0-9]++)++(?:[eE][+-]?[0-9]++)?+"
    r"|(?<![0-9A-Za-z])[0-9]++(?:[eE][+-]?[0-9]++)?+(?![0-9A-Za-z])"
    r"|(?<=[A-Za-z])[0-9]{2,}+(?![0-9A-Za-z])"
    r"|[0-9]{4,}+"
)
NEIGHBOURS = 64
"""Characters before a number that are looked at; no phrase below is that long."""
CODE = re.compile(
    r"""(?<![0-9A-Za-z>])(?:
        (?:exit|return)[ _]?(?:code|status)s?[ '":=(]{0,4}(?:of[ ])?-?
      | (?:signal|signals\.\w{1,20}|negsignal\.\w{1,20})[ '":=(]{0,4}-?
      | (?:errno|error(?:[ _]?(?:code|number))?)[ '":=(\[\#]{0,4}-?
      | ora-
      | sqlstate[ \[:=]{0,3}[0-9a-z]{0,4}
      | http/
      | (?:u?int|float|base|sha|cp|utf-?|latin-?|iso-?|x|arm|amd|oauth)
      )\Z""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
STATUS = re.compile(
    r"(?<![0-9A-Za-z>])(?:status(?:[ _]?code)?|https?(?:/[0-9](?:\.[0-9])?)?|code|response)"
    r"[ '\":=(]{0,4}\Z",
    re.IGNORECASE | re.ASCII,
)
ANSWERED = re.compile(
    r"(?<![0-9A-Za-z>])(?:returned|returns|answered|answers|responded|received|got|gave|replied|with)"
    r"[ :=]{1,2}\Z",
    re.IGNORECASE | re.ASCII,
)
REASON = re.compile(
    r"[ ]?(?:Client Error|Server Error|error (?:responses?|codes?|status)|Bad |Unauthorized"
    r"|Forbidden|Not (?:Found|Acceptable|Modified)|Method Not|Proxy Auth|Request |Conflict|Gone"
    r"|Payload |Precondition|Unprocessable|Too (?:Many|Early)|Internal Server|Service Unav"
    r"|Gateway Time|Moved |Temporary |Permanent |OK|Created|Accepted|No Content)"
    r"|\)\s{0,4}reason",
    re.IGNORECASE | re.ASCII,
)
THINGS = re.compile(
    r"[ ](?:rows?|records?|items?|entries|lines?|results?|messages?|files?|tasks?|events?|elements?"
    r"|keys?|columns?|values?|objects?|documents?|more|of|times|tuples?|partitions?|retries)\b",
    re.IGNORECASE | re.ASCII,
)
HTTP_STATUS = re.compile(r"[1-5][0-9]{2}")
TOLD = re.compile(r",[ ]?b?['\"]")


def mask(text: str) -> str:
    """Return the text with what varies from one occurrence to the next as placeholders.

    Times, run ids, UUIDs, addresses in memory and on the network, hosts, names of pods and
    temporary files, quoted ids, durations, sizes and numbers go; HTTP statuses, exit codes, signals
    and error numbers stay, because they tell one kind of failure from another.

    Examples
    --------
    >>> mask("GET http://10.0.0.7:8080/v1/orders/4711 answered 503 after 2.5 s")
    'GET http://<host>/v1/orders/<n> answered 503 after <duration>'
    """
    for hints, pattern, replacement in MASKERS:
        if any(hint in text for hint in hints):
            text = pattern.sub(replacement, text)
    return text


def _url(found: re.Match[str]) -> str:
    scheme, rest = found[1], found[2]
    host, slash, path = rest.partition("/")
    path, mark, query = path.partition("?")
    if scheme[:-3].lower() not in STORAGE and host:
        host = "<host>"
    parts = ["<id>" if OPAQUE.fullmatch(part) else part for part in path.split("/")]
    if mark:
        query = "&".join(_parameter(part) for part in query.split("&"))
    return f"{scheme}{host}{slash}{'/'.join(parts)}{mark}{query}"


def _parameter(part: str) -> str:
    name, equals, _ = part.partition("=")
    return f"{name}=<value>" if equals else part


def _quantity(found: re.Match[str]) -> str:
    return "<size>" if found["size"] else "<duration>"


def _number(found: re.Match[str]) -> str:
    return found[0] if _is_telling(found) else "<n>"


def _is_telling(found: re.Match[str]) -> bool:
    """Whether the words around a number make it a code rather than a count."""
    start, end, digits = found.start(), found.end(), found[0]
    before = found.string[max(0, start - NEIGHBOURS) : start]
    if len(digits) <= 5 and CODE.search(before):
        return True
    if before.endswith("(") and 3 <= len(digits) <= 5 and TOLD.match(found.string, end):
        return True
    if not HTTP_STATUS.fullmatch(digits):
        return False
    if REASON.match(found.string, end) or STATUS.search(before):
        return True
    return bool(ANSWERED.search(before)) and not THINGS.match(found.string, end)


Replacement = str | Callable[[re.Match[str]], str]
DIGITS = tuple("0123456789")
MASKERS: tuple[tuple[tuple[str, ...], re.Pattern[str], Replacement], ...] = (
    (("/home/",), HOME, "<user>"),
    (("__",), RUNS, "<run>"),
    (DIGITS, TIMES, "<time>"),
    (("-",), UUIDS, "<uuid>"),
    (("://",), URLS, _url),
    ((".", ":"), ADDRESSES, "<host>"),
    ((".", "localhost"), DOMAINS, "<host>"),
    (("-",), PODS, "-<pod>"),
    (DIGITS, HEXES, "<hex>"),
    (("tmp",), TEMPORARY, r"\1<id>"),
    (("'", '"', "`"), QUOTED, r"\1<id>\1"),
    (DIGITS, QUANTITIES, _quantity),
    (DIGITS, NUMBERS, _number),
)
"""In order: what is longer and more telling first, single numbers last. A pattern is tried when one
of its hints is in the text."""
