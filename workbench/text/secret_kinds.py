"""Secrets known by their own shape: tokens of vendors, headers, addresses that carry a key."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workbench.text.secret_values import is_harmless, is_word, looks_random


@dataclass(frozen=True, slots=True)
class Secret:
    """A stretch of a text, ``start`` to ``end``, that must not be seen, and its kind.

    ``bare`` marks a JSON number: what is put in its place needs quotes.
    """

    start: int
    end: int
    kind: str
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern with a group ``secret``, tried when the lowered line holds one of ``hints``."""

    kind: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    accept: Callable[[str], bool]


def _any(_value: str) -> bool:
    return True


def _is_said(value: str) -> bool:
    return not is_harmless(value) and not is_word(value)


def _is_no_number(value: str) -> bool:
    return not is_harmless(value) and not value.isdigit()


def _is_no_word(value: str) -> bool:
    return looks_random(value) and not value.isdigit()


def _is_bearer(value: str) -> bool:
    """Whether it is a token and no word, as in ``Bearer authentication`` or ``Bearer realm=``."""
    body = value.rstrip("=")
    mixed = any(c.isupper() for c in body[1:]) and any(c.islower() for c in body)
    return mixed or any(c.isdigit() for c in body)


def _is_basic(value: str) -> bool:
    """Whether it decodes to ``user:password``, which no plain word does."""
    try:
        plain = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    return b":" in plain and plain.isascii()


def _is_aws_secret(value: str) -> bool:
    counts = [sum(map(test, value)) for test in (str.isupper, str.islower, str.isdigit)]
    return min(counts) >= 2 and not value.startswith("/")


def _token(kind: str, hints: str, pattern: str) -> Shape:
    return Shape(
        kind,
        tuple(hints.split()),
        re.compile(rf"(?<![A-Za-z0-9_-])(?P<secret>{pattern})", re.ASCII),
        _any,
    )


def _shape(kind: str, hints: str, pattern: str, accept: Callable[[str], bool] = _is_said) -> Shape:
    return Shape(kind, tuple(hints.split()), re.compile(pattern, re.IGNORECASE), accept)


# Every repetition is bounded or cannot meet itself again, so that a hostile line costs linear time.
SHAPES = (
    _token(
        "aws-key",
        "akia asia aroa aida abia acca",
        r"(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    ),
    _token(
        "gcp-key", "aiza ya29. gocspx-", r"(?:AIza[\w-]{30,}|ya29\.[\w.-]{16,}|GOCSPX-[\w-]{16,})"
    ),
    _token(
        "github-token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,})",
    ),
    _token("gitlab-token", "glpat- gldt- glrt-", r"gl(?:pat|dt|rt)-[\w-]{16,}"),
    _token("slack-token", "xox xapp-", r"(?:xox[a-z]|xapp)-[\w-]{8,}"),
    _token(
        "stripe-key",
        "_live_ _test_ whsec_",
        r"(?:(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,}|whsec_[\w+/=]{16,})",
    ),
    _token(
        "model-key",
        "sk- hf_",
        r"(?:sk-(?=[a-z_-]{0,80}[0-9A-Z])[\w-]{20,}|hf_[A-Za-z0-9]{20,})",
    ),
    _token(
        "vendor-token",
        "sg. npm_ pypi- dapi dop_v1_ hvs. hvb. age-secret-key sk nrak- glsa_ atatt3 key- :aa",
        r"(?:SG\.[\w-]{16,}\.[\w-]{16,}|npm_[A-Za-z0-9]{30,}|pypi-[\w-]{50,}|dapi[0-9a-f]{32}"
        r"|dop_v1_[0-9a-f]{40,}|hv[sb]\.[\w-]{20,}|AGE-SECRET-KEY-1[A-Z0-9]{50,}|SK[0-9a-f]{32}"
        r"|NRAK-[A-Z0-9]{20,}|glsa_\w{30,}|ATATT3[\w=-]{20,}|key-[0-9a-f]{32}"
        r"|(?:bot)?\d{8,10}:AA[\w-]{30,})(?![A-Za-z0-9])",
    ),
    _token("jwt", "eyj", r"eyJ[\w-]{5,}(?:\.[\w-]{4,}){1,4}"),
    _token("fernet-token", "gaaaa", r"gAAAA[\w-]{40,}={0,2}"),
    _shape(
        "webhook",
        "hooks. webhook googleapis pagerduty telegram ifttt",
        r"(?:hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/"
        r"|discord(?:app)?\.com/api/webhooks/|hooks\.zapier\.com/hooks/catch/"
        r"|\.webhook\.office\.com/webhookb2/|outlook\.office\.com/webhook/"
        r"|chat\.googleapis\.com/v1/spaces/|events\.pagerduty\.com/integration/"
        r"|api\.telegram\.org/bot|maker\.ifttt\.com/(?:trigger|use)/)"
        r"(?P<secret>[^\s\"'<>\\),]+)",
    ),
    _shape(
        "signature",
        "sig= sig%3d signature security-token",
        r"(?:\b|%3f|%26)(?:sig|signature|x-amz-signature|x-goog-signature|x-amz-security-token)"
        r"(?:=|%3d)(?P<secret>[\w%+/=.-]{16,})",
        looks_random,
    ),
    _shape("bearer", "bearer", r"\bbearer[ \t]+(?P<secret>[\w.~+/-]{8,}={0,2})(?!=)", _is_bearer),
    _shape("basic-auth", "basic", r"\bbasic[ \t]+(?P<secret>[\w+/-]{4,}={0,2})", _is_basic),
    _shape(
        "password",
        "identified password",
        r"\b(?:identified\s{1,4}by|password)\s{1,4}(?P<quote>['\"])"
        r"(?P<secret>[^'\"\n]{1,200})(?P=quote)",
    ),
    _shape(
        "password",
        "auth",
        r"\b(?:auth\s{0,2}=\s{0,2}\(|\w{0,40}basicauth\()\s{0,2}(?P<first>['\"])[^'\"\n]{0,200}"
        r"(?P=first)\s{0,2},\s{0,2}(?P<quote>['\"])(?P<secret>[^'\"\n]{1,200})(?P=quote)",
    ),
    _shape(
        "password",
        "curl wget",
        r"\s(?:-u|--user|--proxy-user)[ =]{0,2}[\"']?[^\s:\"']{1,100}:"
        r"(?P<secret>[^\s\"'<>]{1,200})",
        _is_no_number,
    ),
    _shape(
        "password",
        "mysql mariadb sshpass redis-cli",
        r"\b(?:(?:mysql|mysqldump|mysqladmin|mariadb)\b[^|;\n]{0,120}?\s-p"
        r"|sshpass\s{1,3}-p\s{0,3}|redis-cli\b[^|;\n]{0,120}?\s-a\s{1,3})"
        r"[\"']?(?P<secret>[^\s\"'<>]{1,200})",
    ),
    _shape("fernet-key", "fernet", r"(?<![\w=-])(?P<secret>[\w-]{43}=)(?![\w=])", looks_random),
    _shape(
        "aws-key",
        "aws akia asia secret",
        r"(?<![\w/+=-])(?P<secret>[A-Za-z0-9/+]{40})(?![\w/+=-])",
        _is_aws_secret,
    ),
    _shape(
        "password",
        "</",
        r"<(?!secret:)[\w.:-]{0,40}(?:password|passwd|secret|token|api-?key)>"
        r"(?P<secret>[^<>\n]{1,400})</",
    ),
    _shape(
        "uri-password",
        "@",
        r"(?<![\w/.:@-])[a-z][\w.-]{0,60}:(?P<secret>[^\s:@/\"'<>,;]{3,200})@[\w.-]{1,80}:\d{2,5}\b",
        _is_no_word,
    ),
    _shape(
        "uri-password",
        "jdbc:oracle",
        r"jdbc:oracle:\w{2,8}:[^\s/:@\"']{1,80}/(?P<secret>[^\s@\"'<>]{1,200})@",
    ),
    _shape(
        "uri-password",
        "@tcp( @unix(",
        r"(?<![\w/.:-])[\w.-]{1,60}:(?P<secret>[^\s:@/\"'<>]{1,200})@(?:tcp|unix)\(",
    ),
)


HINTS = sorted({hint for shape in SHAPES for hint in shape.hints}, key=len, reverse=True)
HINT = re.compile("|".join(map(re.escape, HINTS)))
# a hint that is found may hide a shorter one inside it
SHAPES_OF = {
    found: tuple(n for n, s in enumerate(SHAPES) if any(hint in found for hint in s.hints))
    for found in HINTS
}


def shaped_secrets(line: str, lowered: str) -> Iterator[Secret]:
    """Yield what a line holds of secrets that their own shape gives away."""
    hints = set(HINT.findall(lowered))
    for number in sorted({n for hint in hints for n in SHAPES_OF[hint]}):
        shape = SHAPES[number]
        for found in shape.pattern.finditer(line):
            if shape.accept(found["secret"]):
                yield Secret(found.start("secret"), found.end("secret"), shape.kind)
