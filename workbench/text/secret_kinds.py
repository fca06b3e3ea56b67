"""Secrets known by their own shape: tokens of vendors, headers, addresses that carry a key."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workbench.text.secret_tokens import BEFORE, PREFIXED, TOKENS, is_prefixed_token
from workbench.text.secret_values import (
    is_basic,
    is_harmless,
    is_word,
    looks_random,
    looks_strong,
)


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


def _is_hidden_key(value: str) -> bool:
    """Whether it decodes to a private key in PEM form; a certificate is public."""
    start = value[: len(value) // 4 * 4][:400]
    try:
        return b"PRIVATE KEY" in base64.b64decode(start)
    except (binascii.Error, ValueError):
        return False


def _is_aws_secret(value: str) -> bool:
    counts = [sum(map(test, value)) for test in (str.isupper, str.islower, str.isdigit)]
    return min(counts) >= 2 and not value.startswith("/")


def _token(kind: str, hints: str, pattern: str) -> Shape:
    return Shape(
        kind,
        tuple(hints.split()),
        re.compile(rf"{BEFORE}(?P<secret>{pattern})", re.ASCII),
        _any,
    )


def _shape(kind: str, hints: str, pattern: str, accept: Callable[[str], bool] = _is_said) -> Shape:
    return Shape(kind, tuple(hints.split()), re.compile(pattern, re.IGNORECASE), accept)


# Every repetition is bounded or cannot meet itself again, so that a hostile line costs linear time.
SHAPES = (
    *(_token(kind, hints, pattern) for kind, hints, pattern in TOKENS),
    _shape(
        "webhook",
        "hooks. /hooks/ webhook googleapis pagerduty telegram ifttt open-apis dingtalk victorops"
        " opsgenie",
        r"(?:hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/"
        r"|discord(?:app)?\.com/api/webhooks/|hooks\.zapier\.com/hooks/catch/"
        r"|\.webhook\.office\.com/webhookb2/|outlook\.office\.com/webhook/"
        r"|chat\.googleapis\.com/v1/spaces/|events\.pagerduty\.com/integration/"
        r"|api\.telegram\.org/bot|maker\.ifttt\.com/(?:trigger|use)/"
        r"|open\.(?:feishu|larksuite)\.\w{2,3}/open-apis/bot/v2/hook/"
        r"|qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key="
        r"|oapi\.dingtalk\.com/robot/send\?access_token="
        r"|api\.opsgenie\.com/v1/json/\w{1,40}\?apiKey=|alert\.victorops\.com/integrations/"
        r"|hooks\.[\w.-]{1,60}/hooks/|/hooks/(?=[a-z0-9]{26}\b))"
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
    _shape(
        "basic-auth", "basic", r"\bbasic(?:[ \t]+|%20|\+)(?P<secret>[\w+/-]{4,}={0,2})", is_basic
    ),
    _shape("authorization", "digest", r"\bresponse=[\"']?(?P<secret>[0-9a-f]{32,64})\b"),
    _shape("authorization", "ssws", r"\bssws[ \t]+(?P<secret>[\w.-]{16,})", looks_random),
    _shape(
        "password",
        "identified password",
        r"\b(?:identified\s{1,4}(?:with\s{1,4}\w{1,40}\s{1,4})?by|password)"
        r"(?:\s{1,4}for\s{1,4}[^\s=]{1,120}\s{0,4}=)?\s{1,4}(?P<quote>['\"])"
        r"(?P<secret>[^'\"\n]{1,200})(?P=quote)",
    ),
    _shape(
        "password",
        "auth credential",
        r"\b(?:(?:auth|credentials?)\s{0,2}=\s{0,2}\(|\w{0,40}basicauth\()\s{0,2}(?P<first>['\"])[^'\"\n]{0,200}"
        r"(?P=first)\s{0,2},\s{0,2}(?P<quote>['\"])(?P<secret>[^'\"\n]{1,200})(?P=quote)",
    ),
    _shape(
        "password",
        "curl wget http snowsql",
        r"\s(?:-[a-z]{0,4}u|--user|--proxy-user|-a|--auth)[ =]{0,2}[\"']?[^\s:\"']{1,100}:"
        r"(?P<secret>[^\s\"'<>]{1,200})",
        _is_no_number,
    ),
    _shape(
        "password",
        "mysql mariadb sshpass redis-cli docker podman helm az mongo zip 7z ldap users sqlcmd bcp"
        " smbcl lftp beeline cqlsh rabbitmqadmin",
        r"\b(?:(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)\b[^|;\n]{0,120}?(?-i:\s-p)(?=\S)"
        r"|(?:mongo|mongosh|mongodump|mongorestore|beeline|cqlsh|rabbitmqadmin)\b[^|;\n]{0,120}?\s-p"
        r"|sshpass\s{1,3}-p\s{0,3}"
        r"|redis-cli\b[^|;\n]{0,120}?\s-a\s{1,3}"
        r"|(?:docker|podman|helm\s{1,3}registry|az|oc|cf)\s{1,3}login\b[^|;\n]{0,120}?\s-p\s{1,3}"
        r"|\busers\s{1,3}create\b[^|;\n]{0,160}?\s-p\s{1,3}"
        r"|\b(?:sqlcmd|bcp)\b[^|;\n]{0,160}?(?-i:\s-P)\s{0,3}"
        r"|\bsmbclient\b[^|;\n]{0,120}?\s-u\s{1,3}[\"']?[^\s%]{1,80}%"
        r"|\blftp\b[^|;\n]{0,120}?\s-u\s{1,3}[^\s,]{1,80},"
        r"|ldap(?:search|modify|add|whoami)\b[^|;\n]{0,120}?\s-w\s{1,3}"
        r"|\b(?:zip|unzip|7z)\b[^|;\n]{0,120}?\s-p\s{0,3}(?-i:(?<=-P )|(?<=-p)))"
        r"\s{0,3}[\"']?(?P<secret>[^\s\"'<>]{1,200})",
        _is_said,
    ),
    _shape("password", "pass:", r"\s-pass(?:in|out)?\s{1,3}pass:(?P<secret>[^\s\"'<>]{1,200})"),
    _shape(
        "password",
        "sqlplus impdp expdp sqlldr",
        r"\b(?:sqlplus|impdp|expdp|sqlldr)\s(?:-\w{1,8}\s)*[\w$#-]{1,60}/(?P<secret>[^\s@\"'<>]{1,200})",
    ),
    _shape(
        "private-key",
        "ls0tls1crudjti",
        r"(?P<secret>LS0tLS1CRUdJTi[A-Za-z0-9+/=]{40,})",
        _is_hidden_key,
    ),
    _shape(
        "password-hash",
        "$1$ $2a$ $2b$ $2y$ $5$ $6$ $y$ $apr1$ $argon2 $pbkdf2 pbkdf2: scrypt: {ssha} {sha}",
        r"(?P<secret>\$(?:[1256y]|2[aby]|apr1|argon2\w{1,2}|pbkdf2-?\w{0,8})\$[\w./$=,+-]{12,}"
        r"|(?:pbkdf2|scrypt):[\w:]{2,30}\$[\w./+-]{6,}\$[\w./+=-]{20,}"
        r"|\{S?SHA\d{0,3}\}[A-Za-z0-9+/]{20,}={0,2})",
    ),
    _shape(
        "key",
        "account.key.",
        r"account\.key\.[\w.-]{1,120}[\"']?\s?[=:,]\s?[\"']?(?P<secret>[\w+/=-]{16,})",
    ),
    _shape(
        "password",
        "--password-stdin passwd chpasswd sudo",
        r"\b(?:echo|printf)\s(?:-n\s)?[\"']?(?P<secret>[^\s\"'|<>]{1,200})[\"']?\s?\|[^|\n]{0,120}"
        r"(?:--password-stdin|passwd|(?-i:sudo\s(?:-\w{1,8}\s)*-S\b))",
    ),
    _shape(
        "password",
        "kinit sudo",
        r"\b(?:kinit|sudo)\b[^\n|;]{0,120}<<<\s?[\"']?(?P<secret>[^\s\"'<>]{1,200})",
    ),
    _shape(
        "password",
        "auth login logon credential",
        r"\b(?:auth\w{0,12}|log[io]n|credentials?)\b[^()\"'\n]{0,40}\(\s?(?P<first>['\"])[^'\"\n]{1,80}(?P=first)"
        r"\s?,\s?(?P<quote>['\"])(?P<secret>[^'\"\n]{1,200})(?P=quote)\s?\)",
        looks_strong,
    ),
    _shape(
        "password",
        "user.info",
        r"\buser\.info\s?[=:]\s?[^\s:]{1,100}:(?P<secret>[^\s\"'<>]{4,400})",
    ),
    _shape(
        "password",
        "htpasswd",
        r"\bhtpasswd\s-\w{0,6}b\w{0,6}\s\S{1,200}\s\S{1,80}\s[\"']?(?P<secret>[^\s\"'<>]{1,200})",
    ),
    _shape(
        "password", "openssl", r"\bopenssl\senc\b[^|;\n]{0,120}?\s-k\s(?P<secret>[^\s\"'<>]{1,200})"
    ),
    _shape(
        "key",
        "jwt.",
        r"\bjwt\.(?:en|de)code\(\s?[^,()\n]{1,200},\s?[bruf]?(?P<quote>[\"'])(?P<secret>[^\"'\n]{1,400})(?P=quote)",
    ),
    _shape(
        "key",
        "curl",
        r"\bcurl\b[^|;\n]{0,200}?\s-u[ ]?[\"']?(?P<secret>\w{16,100}):(?=[\"']?(?:\s|$))",
        looks_strong,
    ),
    _shape("key", "appid=", r"[?&]appid=(?P<secret>[0-9a-f]{32})\b"),
    _shape(
        "fernet-key",
        "key",
        r"(?<!cache )(?<!lock )(?<!public )(?<!peer )"
        r"\bkey[\s:=\"']{1,4}(?P<secret>[\w-]{43}=)(?![\w=])",
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
        "@",
        r"(?<![\w+.-])[a-z][a-z0-9+.-]{1,30}:/(?!/)[^\s/:@\"'<>]{1,80}:"
        r"(?P<secret>[^\s/@\"'<>]{1,200})@[\w-]{1,80}[./:]",
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


SHAPES_OF: dict[str, tuple[int, ...]] = {
    hint: tuple(n for n, shape in enumerate(SHAPES) if hint in shape.hints)
    for hint in sorted({hint for shape in SHAPES for hint in shape.hints})
}


def shaped_secrets(line: str, lowered: str) -> Iterator[Secret]:
    """Yield what a line holds of secrets that their own shape gives away."""
    for found in PREFIXED.finditer(line):
        if is_prefixed_token(found):
            yield Secret(found.start(), found.end(), "vendor-token")
    # a search for each hint by itself is six times as fast as one pattern of them all
    for number in sorted({n for hint in SHAPES_OF if hint in lowered for n in SHAPES_OF[hint]}):
        shape = SHAPES[number]
        for found in shape.pattern.finditer(line):
            if shape.accept(found["secret"]):
                yield Secret(found.start("secret"), found.end("secret"), shape.kind)
