"""Names that announce a secret: ``DB_PASSWORD``, ``apiKey``, ``x-auth-token``, ``Set-Cookie``."""

from __future__ import annotations

import re

# A flat list of words is what the regex engine can skip through fast; what has to stand around a
# word is looked at only where one was found.
WORD = re.compile(
    r"password|passwd|passwrd|pasword|psswd|pswd|passphrase|pass phrase|pass_phrase|secret phrase"
    r"|secret_phrase|seed phrase|seed_phrase|recovery phrase|recovery_phrase|mnemonic|passcode"
    r"|passwort|kennwort|wachtwoord|senha|motdepasse|mot_de_passe|mot de passe|dockerconfigjson"
    r"|dockercfg"
    r"|contrase(?:ñ|n)a|pass|pwd|pw|token|secret|key|credentials|credential|authorization|auth_header"
    r"|auth-header|cookie|jsessionid|phpsessid|sessionid|session_id|session|sid|auth|code|otp|pat"
)
PHRASES = (
    *("passphrase", "pass phrase", "pass_phrase", "secret phrase", "secret_phrase"),
    *("seed phrase", "seed_phrase", "recovery phrase", "recovery_phrase", "mnemonic"),
)
"""Names whose values are several words, also without quotes."""
KINDS = {
    "password": "password",
    "passwd": "password",
    "passwrd": "password",
    "pasword": "password",
    "psswd": "password",
    "pswd": "password",
    **dict.fromkeys(PHRASES, "password"),
    "passcode": "password",
    "passwort": "password",
    "kennwort": "password",
    "wachtwoord": "password",
    "senha": "password",
    "motdepasse": "password",
    "mot_de_passe": "password",
    "mot de passe": "password",
    "dockerconfigjson": "credential",
    "dockercfg": "credential",
    "contraseña": "password",
    "contrasena": "password",
    "otp": "password",
    "pw": "password",
    "pass": "password",
    "pwd": "password",
    "token": "token",
    "secret": "secret",
    "key": "key",
    "credentials": "credential",
    "credential": "credential",
    "authorization": "authorization",
    "auth_header": "authorization",
    "auth-header": "authorization",
    "cookie": "cookie",
    "jsessionid": "token",
    "phpsessid": "token",
    "sessionid": "token",
    "session_id": "session",
    "session": "session",
    "sid": "session",
    "auth": "auth",
    "code": "code",
}
WEAK = {
    "session": "token",
    "auth": "authorization",
    "code": "token",
    "told": "token",
    "some key": "key",
    "some pass": "password",
    "secret's name": "secret",
}
"""Names that stand before harmless values too, where only what looks drawn by chance counts, and
the kind under which it is shown."""
WEAK_KEY = re.compile(
    r"(?:routing|integration|write|read|ingest|ingestion|admin|webhook|project|user|server|consumer"
    r"|dd|sa|root|team|org|instrumentation|data|host|publish|send)[ _.-]?$"
)
SECRET_KEY = re.compile(
    r"(?:api|access|secret|private|account|shared|sharedaccess|encryption|decryption|signing"
    r"|signature|fernet|auth|storage|master|subscription|license|client|ssh|security|functions|hmac"
    r"|aes|jwt|app|deploy|service)[ _.-]?$"
)
UNMISTAKABLE = re.compile(
    r"(?:secret|(?:api|access|secret|private|account|shared|sharedaccess|encryption|decryption"
    r"|signing|fernet|auth|master|hmac|aes|jwt|ssh)[ _.-]?key"
    r"|(?:api|access|auth|bearer|bot|refresh|session|security|secret|personal|github|gitlab|slack"
    r"|vault)[ _.-]?token)$",
    re.IGNORECASE,
)
PASS_OF = re.compile(
    r"(?:require|db|user|usr|smtp|s?ftp|ssh|admin|root|login|proxy|key|cert|mail|pg|redis|jdbc|store|ldap"
    r"|bind|sudo|auth|basic|http|conn|default|master|service|svc|app|api|web|my|mysql|postgres|mongo"
    r"|rabbitmq|mq|elastic|oracle|odbc|imap|email|vpn|git|registry|repo|docker|account)_?$"
)
PASS_VALUE = re.compile(r"=|:\s{1,4}(?:![\w!-]{1,24}\s)?[^\s\d]{1,80}\d")
OTHER_TOKEN = re.compile(
    r"(?<![a-z])(?:next|next[ _]?page|page|continuation|unexpected|max|min|num|n|eos|bos|pad|sep"
    r"|mask|cls|unk|stop|first|last|sync|per|resume|cancel|publickey|public|design|syntax)[ _-]?$"
)
# fernet_key_secret: as a rule the name of what holds the key
NAMED_SECRET = re.compile(r"(?:key|conn|connection|password|url|backend|tls)[_-]$")
SUM = re.compile(r"(?:checksum|hash|digest|sha\d{0,3}|md5|(?<![a-z])count)[/_. -]?$")
WHOLE_WORDS = frozenset({"sid", "session", "session_id", "sessionid", "auth", "otp", "pw"}) | {
    "jsessionid",
    "phpsessid",
}
IN_URI = re.compile(r"://[\w.%-]{0,64}$")


LAST_PART = re.compile(
    r"[_-](?:prod|production|dev|test|stage|staging|live|qa|uat|base|value|val|string|str|plain"
    r"|plaintext|raw|text|old|new|primary|secondary|main|default|v\d{1,2})$"
)


def key_kind(name: str) -> str | None:
    """Return the kind of secret a key announces by its last word; ``token_count`` has none."""
    lowered = f'"{LAST_PART.sub("", name.lower().rstrip("0123456789_-"))}"'
    for found in WORD.finditer(lowered):
        if found.end() == len(lowered) - 1:
            return announced(lowered, found)
    return None


def announced(lowered: str, found: re.Match[str]) -> str | None:
    """Return the kind of secret that a match of :data:`WORD` in a lowered line announces.

    Part of a longer name counts (``db_password``); a page token, a foreign key, a part of an ARN
    and our own mark announce nothing.
    """
    word, start, end = found[0], found.start(), found.end()
    # the user and password of a URI have a detector of their own
    if IN_URI.search(lowered, max(0, start - 80), start):
        return None
    near = max(0, start - 24)
    if word in ("key", "secret", "token"):
        return _mere(word, lowered, near, start)
    if word == "pass":
        return _pass(lowered, start, end)
    before, after = lowered[start - 1 : start], lowered[end : end + 1]
    if word == "pat":
        # a personal access token: GITHUB_PAT, azure-pat
        return "told" if before in ("_", "-") and not after.isalpha() else None
    if word == "code":
        is_meant = before in ("?", "&")
    elif word in WHOLE_WORDS:
        is_meant = not before.isalnum() and not after.isalnum()
    else:
        is_meant = True
    return KINDS[word] if is_meant else None


def _mere(word: str, lowered: str, near: int, start: int) -> str | None:
    """Return what one of the plain words announces behind what stands before it."""
    if SUM.search(lowered, near, start):
        return None
    if word == "key":
        if SECRET_KEY.search(lowered, near, start):
            return "key"
        is_some = lowered[start - 1 : start] in ("?", "&") or WEAK_KEY.search(lowered, near, start)
        return "some key" if is_some else None
    if word == "secret":
        if lowered[start - 1 : start] in (":", "<"):
            return None
        return "secret's name" if NAMED_SECRET.search(lowered, near, start) else "secret"
    if OTHER_TOKEN.search(lowered, near, start):
        return None
    return "told" if lowered.endswith(("invalid ", "unexpected ", "bad "), near, start) else "token"


def is_unmistakable(name: str) -> bool:
    """Whether what follows the end of a name is a secret however plain it looks.

    ``api_key`` and ``client_secret`` are such names; a mere ``token`` may be one of a grammar.
    """
    return UNMISTAKABLE.search(name) is not None


def _pass(lowered: str, start: int, end: int) -> str | None:
    before, after = lowered[start - 1 : start], lowered[end : end + 1]
    if after.isalpha():
        return None
    if PASS_OF.search(lowered, max(0, start - 12), start):
        return "password"
    if before in ("'", '"') and after == before:
        return "password"
    if before in ("_", "-"):
        return "some pass"
    is_meant = not before.isalnum() and PASS_VALUE.match(lowered, end) is not None
    return "password" if is_meant else None
