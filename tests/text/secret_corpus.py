"""Lines with secrets drawn anew by a seed, and lines that only look so.

The lines stand in ``corpus/``; what stands in their gaps is made here, so that no scanner takes
these files for a leak and no detector can know a value.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits
from urllib.parse import quote

CORPUS = Path(__file__).with_name("corpus")
GAP = re.compile("«([a-z0-9_]+)»")
ALNUM = ascii_letters + digits
HEX = "0123456789abcdef"
WINDOW = 8
"""A run of so many characters of a secret that is still to be read is a leak."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A line, and what in it must not be seen."""

    kind: str
    template: str
    text: str
    secrets: tuple[str, ...]

    def leaks(self, seen: str) -> list[str]:
        """Return the secrets of which a part is still to be read."""
        return [secret for secret in self.secrets if any(w in seen for w in _windows(secret))]


def planted(name: str, *, seed: int) -> Iterator[Planted]:
    """Yield the planted lines of one part of the corpus."""
    for kind, template in _lines(f"secrets_{name}.txt"):
        draw = Random(f"{seed}{template}")
        made: list[tuple[str, tuple[str, ...]]] = []

        def fill(
            gap: re.Match[str], draw: Random = draw, made: list[tuple[str, tuple[str, ...]]] = made
        ) -> str:
            made.append(_made(gap[1], draw))
            return made[-1][0]

        text = GAP.sub(fill, template)
        yield Planted(kind, template, text, tuple(s for _, secrets in made for s in secrets))


def look_alikes(name: str, *, seed: int) -> Iterator[str]:
    """Yield the harmless lines of one part of the corpus."""
    for line in (CORPUS / f"look_alikes_{name}.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("# "):
            draw = Random(f"{seed}{line}")
            text = GAP.sub(lambda gap, draw=draw: _made(gap[1], draw)[0], line)  # type: ignore[misc]
            yield text.replace("␤", "\n")


def _lines(file: str) -> Iterator[tuple[str, str]]:
    for line in (CORPUS / file).read_text(encoding="utf-8").splitlines():
        if not line.startswith("# "):
            kind, _, template = line.partition("\t")
            yield kind, template.replace("␤", "\n")


def _windows(secret: str) -> Iterator[str]:
    width = min(len(secret), WINDOW)
    for at in range(len(secret) - width + 1):
        yield secret[at : at + width]


def _made(name: str, draw: Random) -> tuple[str, tuple[str, ...]]:
    if name in WHOLE:
        return WHOLE[name](draw)
    value = MAKERS[name](draw)
    return value, (value,)


def _chars(draw: Random, alphabet: str, size: int) -> str:
    value = "".join(draw.choices(alphabet, k=size))
    # what is drawn without a digit is as rare in life as it is hard to tell from a word
    if size >= WINDOW and set(digits) < set(alphabet) and not set(value) & set(digits):
        return value[:-1] + draw.choice(digits)
    return value


def _of(alphabet: str, size: int, prefix: str = "", end: str = "") -> Callable[[Random], str]:
    return lambda draw: prefix + _chars(draw, alphabet, size) + end


def _base64(size: int) -> Callable[[Random], str]:
    return lambda draw: base64.b64encode(draw.randbytes(size)).decode()


def _word(draw: Random) -> str:
    return draw.choice(["sommer", "letme", "dragon", "monkey", "winter"]) + draw.choice(
        ["regen", "inside", "2024", "kasten", "999", "haus!"]
    )


def _phrase(draw: Random) -> str:
    words = "amber bridge canoe drift eagle fossil garden hollow ivory jungle kettle lantern"
    return " ".join(draw.sample(words.split(), 4))


def _password(draw: Random) -> str:
    word = draw.choice(["Tr0ub4dor", "S3cr3t", "kJ8mQz", "Winter2026", "hunter2", "p4ss", "Zx9"])
    tail = draw.choice(["&3", "!", "#Pw9", "-x1", "$$7", "_Q7w", "xR2", "%k9", "+aa1"])
    return word + _chars(draw, ALNUM, draw.randint(0, 6)) + tail


def _encoded(draw: Random) -> str:
    return quote(f"{_chars(draw, ALNUM, 5)}@{_chars(draw, ALNUM, 4)}/#{_chars(draw, ALNUM, 3)}", "")


def _jwt(draw: Random) -> str:
    head = json.dumps({"alg": "HS256", "typ": "JWT"}, separators=(",", ":"))
    body = json.dumps({"sub": _chars(draw, digits, 6), "exp": draw.randint(10**9, 2 * 10**9)})
    parts = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in (head, body)]
    return ".".join([*parts, _chars(draw, ALNUM + "-_", 43)])


def _email(draw: Random) -> str:
    who = draw.choice(["jane.doe", "k.meier", "ops+airflow", "j_smith", "anna-lena", "bob"])
    where = draw.choice(["example.com", "mail.example.co.uk", "corp.example.de", "example.ai"])
    return f"{who}{draw.randint(1, 99)}@{where}"


def _body(draw: Random) -> list[str]:
    text = base64.b64encode(b"0\x82" + draw.randbytes(300)).decode()
    return [text[at : at + 64] for at in range(0, len(text), 64)]


def _key(kind: str, body: list[str], end: str = "\n") -> str:
    return end.join([f"-----BEGIN {kind}-----", *body, f"-----END {kind}-----"])


def _block(
    kind: str, end: str = "\n", before: str = ""
) -> Callable[[Random], tuple[str, tuple[str, ...]]]:
    def make(draw: Random) -> tuple[str, tuple[str, ...]]:
        body = _body(draw)
        if "PGP" in kind:
            body = ["", *body, f"={_chars(draw, ALNUM, 4)}"]
        return _key(kind, [before + line for line in body], end), tuple(
            line for line in body if len(line) > WINDOW
        )

    return make


def _hidden_pem(draw: Random) -> str:
    return base64.b64encode(_key("RSA PRIVATE KEY", _body(draw)).encode()).decode()


WHOLE: dict[str, Callable[[Random], tuple[str, tuple[str, ...]]]] = {
    "pem": _block("RSA PRIVATE KEY"),
    "pem_json": _block("PRIVATE KEY", "\\n"),
    "pem_double": _block("PRIVATE KEY", "\\\\n"),
    "pem_indented": _block("EC PRIVATE KEY", before="    "),
    "pem_encrypted": _block("ENCRYPTED PRIVATE KEY", "\r\n"),
    "openssh": _block("OPENSSH PRIVATE KEY"),
    "pgp": _block("PGP PRIVATE KEY BLOCK"),
}
MAKERS: dict[str, Callable[[Random], str]] = {
    "password": _password,
    "word": _word,
    "phrase": _phrase,
    "encoded": _encoded,
    "jwt": _jwt,
    "email": _email,
    "b64_pem": _hidden_pem,
    "pin": _of(digits, 6),
    "short": _of(ALNUM, 8),
    "alnum": lambda draw: _chars(draw, ALNUM, draw.randint(12, 32)),
    "alnum22": _of(ALNUM, 22),
    "alnum40": _of(ALNUM, 40),
    "upper16": _of(ascii_uppercase + digits, 16),
    **{f"hex{n}": _of(HEX, n) for n in (4, 7, 8, 12, 16, 20, 32, 40, 64, 128)},
    "uuid": lambda draw: "-".join(_chars(draw, HEX, n) for n in (8, 4, 4, 4, 12)),
    "b64": _base64(18),
    "b64_24": _base64(16),
    "b64_43": lambda draw: _base64(32)(draw).rstrip("="),
    "b64_44": _base64(32),
    "b64_76": _base64(57),
    "b64_88": _base64(64),
    "b64_372": lambda draw: "AAAAB3NzaC1yc2EAAAADAQAB" + _base64(260)(draw),
    "basic": lambda draw: base64.b64encode(f"svc:{_password(draw)}".encode()).decode(),
    "urlsafe": _of(ALNUM + "-_", 43),
    "sas": lambda draw: quote(_base64(32)(draw), safe=""),
    "fernet": lambda draw: base64.urlsafe_b64encode(draw.randbytes(32)).decode(),
    "fernet_token": lambda draw: "gAAAAAB" + _chars(draw, ALNUM + "-_", 92) + "=",
    "flask": lambda draw: (
        f"ey{_chars(draw, ALNUM, 24)}.aY{_chars(draw, ALNUM, 4)}." + _chars(draw, ALNUM + "-_", 27)
    ),
    "aws_id": _of(ascii_uppercase + "234567", 16, "AK" + "IA"),
    "aws_secret": _base64(30),
    "aws_secret_encoded": lambda draw: quote(_base64(30)(draw), safe=""),
    "gcp": _of(ALNUM + "-_", 35, "AI" + "za"),
    "ya29": _of(ALNUM + "-_", 120, "ya" + "29.a0"),
    "gocspx": _of(ALNUM + "-_", 28, "GOC" + "SPX-"),
    "azure_secret": lambda draw: _chars(draw, ALNUM, 3) + "8Q~" + _chars(draw, ALNUM + "~._-", 34),
    "do": _of(HEX, 64, "dop" + "_v1_"),
    "ghp": _of(ALNUM, 36, "gh" + "p_"),
    "gho": _of(ALNUM, 36, "gh" + "o_"),
    "github_pat": lambda draw: (
        "github" + f"_pat_{_chars(draw, ALNUM, 22)}_{_chars(draw, ALNUM, 59)}"
    ),
    "glpat": _of(ALNUM + "-_", 20, "gl" + "pat-"),
    "xoxb": lambda draw: (
        f"xox{'b-'}{_chars(draw, digits, 12)}-{_chars(draw, digits, 12)}-" + _chars(draw, ALNUM, 24)
    ),
    "xoxp": lambda draw: f"xox{'p-'}{_chars(draw, digits, 12)}-{_chars(draw, HEX, 32)}",
    "xapp": lambda draw: (
        f"xap{'p-'}1-A{_chars(draw, ascii_uppercase, 9)}-"
        f"{_chars(draw, digits, 12)}-{_chars(draw, HEX, 64)}"
    ),
    "sk_live": _of(ALNUM, 24, "sk" + "_live_"),
    "rk_live": _of(ALNUM, 24, "rk" + "_live_"),
    "whsec": _of(ALNUM, 32, "whs" + "ec_"),
    "sk_proj": _of(ALNUM, 48, "sk" + "-proj-"),
    "sk_old": _of(ALNUM, 48, "sk" + "-"),
    "sk_ant": _of(ALNUM + "-_", 93, "sk" + "-ant-api03-", "AA"),
    "hf": _of(ascii_letters, 34, "h" + "f_"),
    "npm": _of(ALNUM, 36, "np" + "m_"),
    "pypi": _of(ALNUM + "-_", 150, "py" + "pi-AgEIcHlwaS5vcmc"),
    "dapi": _of(HEX, 32, "da" + "pi"),
    "sg": lambda draw: f"SG{'.'}{_chars(draw, ALNUM, 22)}.{_chars(draw, ALNUM, 43)}",
    "telegram": lambda draw: f"{_chars(draw, '123456789', 10)}:AA{_chars(draw, ALNUM + '-_', 33)}",
    "mailgun": _of(HEX, 32, "ke" + "y-"),
    "hvs": _of(ALNUM, 24, "hv" + "s."),
    "glsa": lambda draw: f"gls{'a_'}{_chars(draw, ALNUM, 32)}_{_chars(draw, HEX, 8)}",
    "nrak": _of(ascii_uppercase + digits, 27, "NR" + "AK-"),
    "atatt": _of(ALNUM + "-_", 180, "ATA" + "TT3xFfGF0", "=5F2A9C11"),
    "shpat": _of(HEX, 32, "shp" + "at_"),
    "mailchimp": lambda draw: _chars(draw, HEX, 32) + "-us12",
    "lin": _of(ALNUM, 40, "lin" + "_api_"),
    "sq0": _of(ALNUM + "-_", 43, "sq0" + "csp-"),
    "dckr": _of(ALNUM + "-_", 27, "dckr" + "_pat_"),
    "pmak": lambda draw: f"PM{'AK-'}{_chars(draw, HEX, 24)}-{_chars(draw, HEX, 34)}",
    "ntn": _of(ALNUM, 46, "nt" + "n_"),
    "figd": _of(ALNUM + "-_", 40, "fi" + "gd_"),
    "airtable": lambda draw: f"pa{'t'}{_chars(draw, ALNUM, 14)}.{_chars(draw, HEX, 64)}",
    "tfc": lambda draw: f"{_chars(draw, ALNUM, 14)}.atlas{'v1.'}{_chars(draw, ALNUM, 67)}",
    "dp_st": _of(ALNUM, 43, "dp" + ".st.prd."),
    "rubygems": _of(HEX, 48, "ruby" + "gems_"),
    "pscale": _of(ALNUM + "-_", 43, "pscale" + "_tkn_"),
    "okta": _of(ALNUM + "-_", 40, "0" + "0"),
    "pulumi": _of(HEX, 40, "pu" + "l-"),
    "gsk": _of(ALNUM, 52, "gs" + "k_"),
    "xai": _of(ALNUM, 80, "xa" + "i-"),
    "sntrys": _of(ALNUM, 60, "snt" + "rys_eyJ"),
    "akc": _of(ALNUM, 64, "AK" + "Cp8"),
    "discord": lambda draw: (
        f"M{_chars(draw, ALNUM, 23)}.{_chars(draw, ALNUM, 6)}." + _chars(draw, ALNUM + "-_", 38)
    ),
    "slack_hook": lambda draw: (
        f"T{_chars(draw, ascii_uppercase + digits, 8)}/"
        f"B{_chars(draw, ascii_uppercase + digits, 8)}/{_chars(draw, ALNUM, 24)}"
    ),
    "discord_hook": lambda draw: f"{_chars(draw, digits, 18)}/{_chars(draw, ALNUM + '-_', 68)}",
    "lower": _of(ascii_lowercase, 14),
    "token": lambda draw: _chars(draw, ALNUM + "-_", 20),
}
