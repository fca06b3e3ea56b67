"""What a line must hold for any detector of secrets to find something: one quick look decides."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

# Lower case, because a line is lowered once. Searching for one word after the other is what Python
# does fastest: one pattern of all of them takes ten times as long.
WORDS = (
    *("pass", "secret", "token", "key", "credential", "auth", "@", "pwd", "cookie", "bearer"),
    *("basic", "eyj", "hooks/", "webhook", "signature", "identified", "%40", "aws", "</", "sig="),
    *("sig%3d", "fernet", "digest", "ssws", "kennwort", "motdepasse", "mot_de_pas", "contrase"),
    *("phrase", "mnemonic", "mot de pas", "wachtw", "senha", "pswd", "pasw", "psswd", "dockerc"),
    *("_pat", "-pat", "<<<", "appid=", "user.info"),
    *("curl -", "login(", "sudo -", "openssl enc", "jwt.", "rubygems_"),
    *("jdbc", "robot/send", "v2/hook", "sqlplus", "impdp", "expdp", "sqlldr", "--user", "--auth"),
    *("--proxy-user", "aiza", "ya29", "gocspx", "gaaaa", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    *("github_pat", "gr1348", "xox", "xapp-", "_live_", "_test_", "whsec_", "sq0", "eaaa", "1//0"),
    *("4/0a", "8q~", "7q~", "hf_", "npm_", "pypi-", "dapi", "dckr_", "hvs.", "hvb.", "hvr."),
    *("hrku-", "ltai", "tskey-", "access-prod", "npg_", "avns_", "mdb_sa", "pscale_", "lsv2_"),
    *("pcsk_", "glc_", "glsa_", "sntry", "ops_ey", "ntn_", "figd_", "tfp_", "cfpat", "fio-u"),
    *("aqvn", "k.ey", "atatt", "atctt", "atbb", "nrak-", "nrjs-", "nrii-", "tgp_", "wandb_"),
    *("dbtu_", "dbtc_", "dbts_", "ccdb1", "rnd_", ":aa", "pbkdf2", "scrypt:", "$apr1", "$argon2"),
    *("{sha", "{ssha", "$2a$", "$2b$", "$2y$", "$1$", "$5$", "$6$", "$y$", "?code=", "&code="),
)
# No look-around: polars runs the same pattern.
FORMS = (
    r"[0-9][a-z0-9]{15}|[a-z0-9]{40}",
    r"pw[\"']?\s?[=:]|otp[\"']?\s?[=:]",
    r"\b(?:sess(?:ion)?(?:_?id)?|sid)[\"'\]]{0,2}\s?[=:]\s?[\"']?[\w.%+/=-]{12}",
    r"\s-[apuw]",
    r"[\w*]:(?:\d{2,5}|\*):[\w.-]*[a-z*][\w.-]*:[\w.-]*[a-z*][\w.-]*:",
    r"\b(?:a(?:kia|sia|roa|ida|bia|cca|gpa|npa|nva|ipa)[a-z0-9]{16}|gl[a-z]{2,5}-[a-z0-9_-]{16}|sk-"
    r"|sg\.|sdk-[0-9a-f]{8}|pat-[a-z]{2}[0-9]|dp\.[a-z]{2,5}\.|scw[a-z0-9]{17}|re_[a-z0-9]{8}_|sl\."
    r"|dt0[a-z][0-9]|akc|ap[0-9a-f][a-z0-9]{8})",
    r"\b[mno][a-z0-9_-]{23,25}\.[a-z0-9_-]{6}\.|hooks\.[\w-]+\.[\w.-]+/",
)
FORM = re.compile("|".join(FORMS), re.ASCII)
# the sign for Kelvin is a letter k in lower case, outside of ASCII
MARKED = "\u212a|(?i-u:" + "|".join([*map(re.escape, WORDS), *FORMS]) + ")"
"""The same for polars, which looks at 100 times as much in the same time, once it has begun."""
KEY_HINTS = (
    *("pass", "pwd", "pw", "secret", "token", "key", "credential", "auth", "cookie", "sess", "sid"),
    *("kennwort", "mot", "contrase", "code", "otp", "phrase", "mnemonic", "wachtw", "senha"),
    *("pswd", "pasw", "psswd", "dockerc", "pat"),
)
MANY = 50_000
"""Characters from which on polars is faster than a look in Python."""
LONGER = "İ"
"""The one letter whose lower case is longer: lowered, it would shift every offset behind it."""


def marked_lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield where a line that may hold a secret begins, the line, and the line in lower case."""
    if len(text) < MANY:
        at = 0
        for line in text.split("\n"):
            lowered = _lowered(line)
            if _is_marked(lowered):
                yield at, line, lowered
            at += len(line) + 1
        return
    lines = text.split("\n")
    # what was no UTF-8 stands there as half of a pair: as good as a question mark
    seen = lines if _is_utf8(text) else text.encode("utf-8", "replace").decode().split("\n")
    at = before = 0
    for number in pl.Series(seen, dtype=pl.String).str.contains(MARKED).arg_true().to_list():
        at += sum(map(len, lines[before:number])) + number - before
        before = number
        yield at, lines[number], _lowered(lines[number])


def _lowered(line: str) -> str:
    return line.replace(LONGER, "I").lower() if LONGER in line else line.lower()


def _is_marked(lowered: str) -> bool:
    return any(word in lowered for word in WORDS) or FORM.search(lowered) is not None


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
