"""Redaction: planted secrets go, harmless lines stay byte for byte, JSON stays JSON."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.text.planted import PEM_LINE, PLANTED
from workbench.errors import WorkbenchError
from workbench.text.redact import find_secrets, fingerprint, redact, redact_json

HARMLESS = (
    Path(__file__).with_name("harmless_lines.txt").read_text(encoding="utf-8").split("\n")[:-1]
)
# Pieces that detectors look for, so that random text walks along their edges.
PIECES = [
    *("password", "token", "secret", "api_key", "Authorization", "Cookie", "--password", "pwd"),
    *("=", ": ", ":", " ", "'", '"', '\\"', "\\", ",", ";", "&", "@", "{", "}", "(", ")", "[", "]"),
    *("Bearer ", "Basic ", "://", "%3A%2F%2F", "%3A", "%40", "/", "db.example", ":5432", "\n"),
    *("hunter2", "S3cr3t!", "x", "***", "<secret:password>", "{{x}}", "None", "a=b", "é", "İ"),
    *("eyJhbGciOi.eyJzdWIi.c2lnbmF0", "jane@example.com", "postgres://u:p@h/db", PEM_LINE),
    *("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", '{"a": "', '"}', "curl -u a:b"),
]
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=14).map("".join)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["password", "token", "event", "n", "user"]), inner)
    ),
    max_leaves=8,
)


def test_at_least_98_of_100_planted_secrets_are_gone() -> None:
    """Of 110 secrets of ours, of two dozen kinds, all that are left are listed, and none is."""
    assert len(PLANTED) >= 100
    assert len({kind for kind, _, _ in PLANTED}) >= 15
    left = [
        line.format(secret) for _, line, secret in PLANTED if secret in redact(line.format(secret))
    ]
    assert left == []


def test_only_the_secret_changes() -> None:
    """What stands before and after a planted secret is still there, whatever the secret is."""
    wider = []
    for kind, line, secret in PLANTED:
        before, after = line.format("\0").split("\0")
        seen = redact(line.format(secret))
        if not (seen.startswith(before) and seen.endswith(after)):
            wider.append((kind, seen))
    # a second cookie is a second secret
    assert [kind for kind, _ in wider] == ["cookie"]


def test_harmless_lines_stay_byte_for_byte() -> None:
    """Of more than 200 harmless lines, none changes."""
    assert len(HARMLESS) >= 200
    assert [line for line in HARMLESS if redact(line) != line] == []


def test_a_whole_text_is_redacted_as_its_lines_are() -> None:
    """Lines do not lean on each other; their number and their ends stay as they are."""
    lines = [line.format(secret) for _, line, secret in PLANTED] + HARMLESS
    assert redact("\r\n".join(lines)) == "\r\n".join(map(redact, lines))


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("postgres://u:p@h/db", "postgres://u:<secret:uri-password>@h/db"),
        ("x://u:p@ss/w0rd@host/db", "x://u:<secret:uri-password>@host/db"),
        ("at x://u:p@ss/w0rd@host now", "at x://u:<secret:uri-password>@host now"),
        ("'x://u:p@s?w0/d#x@host'", "'x://u:<secret:uri-password>@host'"),
        ("x://u:p@s/w@host:1/d?a=b@c", "x://u:<secret:uri-password>@host:1/d?a=b@c"),
        ("x://u:p/w@host next", "x://u:<secret:uri-password>@host next"),
        ("x://u:p@h/a.git@v1", "x://u:<secret:uri-password>@h/a.git@v1"),
        ("password='a b', x=1", "password='<secret:password>', x=1"),
        ("Authorization: Bearer a1b2c3d4e5", "Authorization: Bearer <secret:bearer>"),
        ('{"password": 80219455, "n": 5}', '{"password": "<secret:password>", "n": 5}'),
        ('{"Authorization": "Bearer a.b.c"}', '{"Authorization": "Bearer <secret:bearer>"}'),
        ('{"a":"x\\u00e9\\ny@b.io"}', '{"a":"x\\u00e9\\n<secret:email>"}'),
        ('{"a":"\\ud83d\\ude00 token=aB3\\"x"}', '{"a":"\\ud83d\\ude00 token=<secret:token>\\"x"}'),
        ("--token abc123 --x", "--token <secret:token> --x"),
        ("a@b.io,c@d.io", "<secret:email>,<secret:email>"),
        ("user=etl password=hunter host=db", "user=etl password=<secret:password> host=db"),
    ],
)
def test_the_kind_is_seen_in_the_secrets_place(line: str, seen: str) -> None:
    """The mark stands exactly where the secret stood, and names its kind."""
    assert redact(line) == seen


PEM = f"""\
key follows
-----BEGIN RSA PRIVATE KEY-----
{PEM_LINE}
{PEM_LINE[::-1]}
q7Zk
-----END RSA PRIVATE KEY-----
that was it"""


@pytest.mark.parametrize(
    "prefix", ["", "[2026-02-10T06:00:00.000+0000] {x.py:1} INFO - ", '{"event":"']
)
def test_private_keys_keep_their_line_count(prefix: str) -> None:
    """A PEM block loses its body line by line, whatever the logger writes before each line."""
    suffix = '","level":"info"}' if prefix.startswith("{") else ""
    lines = [f"{prefix}{line}{suffix}" for line in PEM.split("\n")]
    seen = redact("\n".join(lines)).split("\n")
    assert len(seen) == len(lines)
    assert [a == b for a, b in zip(seen, lines, strict=True)] == [True] * 2 + [False] * 3 + [
        True
    ] * 2
    if suffix:
        assert all(json.loads(line) for line in seen)


def test_a_private_key_that_is_cut_off_is_found_from_either_end() -> None:
    """A block without BEGIN, or without END, is still redacted."""
    body = f"{PEM_LINE}\n{PEM_LINE}\nq7Zk\n"
    for text in (
        body + "-----END PRIVATE KEY-----\nx",
        "-----BEGIN PRIVATE KEY-----\n" + body + "x y",
    ):
        assert PEM_LINE not in redact(text)
        assert redact(text).count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        f"['-----BEGIN RSA PRIVATE KEY-----', '{PEM_LINE}', '-----END RSA PRIVATE KEY-----']",
        f"-----BEGIN PRIVATE KEY----- {PEM_LINE} -----END PRIVATE KEY-----",
        f"---- BEGIN SSH2 PRIVATE KEY ----\n{PEM_LINE}\n---- END SSH2 PRIVATE KEY ----",
        f"Private-Lines: 2\n{PEM_LINE}\n{PEM_LINE}\nPrivate-MAC: 0a",
    ],
    ids=["list", "one line", "SSH2", "PuTTY"],
)
def test_private_keys_in_other_dress_are_found(text: str) -> None:
    """As a printed list, with spaces for line ends, in the forms of other programs."""
    seen = redact(text)
    assert PEM_LINE not in seen
    assert seen.count("\n") == text.count("\n")


def test_certificates_are_public() -> None:
    """Only private keys are secret."""
    text = f"-----BEGIN CERTIFICATE-----\n{PEM_LINE}\n-----END CERTIFICATE-----"
    assert redact(text) == text


@given(texts)
@settings(max_examples=400, derandomize=True, deadline=None)
def test_redacting_twice_is_redacting_once(text: str) -> None:
    """A redacted text has no secrets; its lines are as many as before."""
    once = redact(text)
    assert redact(once) == once
    assert once.count("\n") == text.count("\n")


@given(texts)
@settings(max_examples=200, derandomize=True, deadline=None)
def test_what_is_no_secret_stays(text: str) -> None:
    """Between the found stretches the text is unchanged, and the stretches do not overlap."""
    found = find_secrets(text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    kept, at = [], 0
    for secret in found:
        assert secret.start < secret.end
        kept += [text[at : secret.start], f"<secret:{secret.kind}>"]
        at = secret.end
    if not any(secret.bare for secret in found):
        assert redact(text) == "".join([*kept, text[at:]])


@given(json_values, st.sampled_from([None, 2]), st.booleans())
@settings(max_examples=300, derandomize=True, deadline=None)
def test_json_stays_json(value: object, indent: int | None, ascii_only: bool) -> None:
    """Redacted JSON parses, on one line or indented, with its keys and its shape."""
    text = json.dumps({"x": value}, indent=indent, ensure_ascii=ascii_only)
    assert _shape(json.loads(redact(text))) == _shape({"x": value})


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shape(item) for item in value]
    return "text" if isinstance(value, str | int) else type(value).__name__


@given(json_values)
@settings(max_examples=200, derandomize=True, deadline=None)
def test_parsed_json_and_its_text_lose_the_same(value: object) -> None:
    """Redacting parsed JSON gives what redacting its one-line text gives."""
    wrapped = {"x": value}
    assert redact_json(wrapped) == json.loads(redact(json.dumps(wrapped)))


def test_redact_json_takes_what_stands_under_a_secret_key() -> None:
    """Keys decide about strings and numbers; everything else is looked into."""
    given_value = {"password": "a", "conn": {"token": 123456789, "port": 5432}, "to": ["j@x.io"]}
    assert redact_json(given_value) == {
        "password": "<secret:password>",
        "conn": {"token": "<secret:token>", "port": 5432},
        "to": ["<secret:email>"],
    }


def test_equal_secrets_have_equal_fingerprints_under_one_salt() -> None:
    """The digest is keyed: another salt gives another digest, no salt gives none."""
    salt, other = b"0123456789abcdef", b"fedcba9876543210"
    assert fingerprint("hunter2", salt=salt) == fingerprint("hunter2", salt=salt)
    assert fingerprint("hunter2", salt=salt) != fingerprint("hunter3", salt=salt)
    assert fingerprint("hunter2", salt=salt) != fingerprint("hunter2", salt=other)
    assert "hunter2" not in fingerprint("hunter2", salt=salt)
    with pytest.raises(WorkbenchError):
        fingerprint("hunter2", salt=b"")


HOSTILE = {
    "one word": "a",
    "keys": "password=",
    "calls": "password=(",
    "quotes": "password='\"`\\",
    "escapes": 'password="\\',
    "placeholders": "password={{",
    "colons": "token: ",
    "owners": "password for 'x ",
    "pairs": "password: x ",
    "closers": "password=)))))",
    "addresses": "://u:p",
    "at signs": "@",
    "passwords with signs": "://u:p@s/s@",
    "slashes and signs": "/@",
    "mail": "a@a.",
    "dots": "eyJaaaaa.",
    "dashes": "-eyJ-AKIA-sk-",
    "encoded": "%3a%2f%2f%3a",
    "private keys": "-----BEGIN PRIVATE KEY-----",
    "ends": "-----END PRIVATE KEY-----",
    "cookies": "cookie: a=b;",
    "clients": "mysql curl -u ",
    "braces": '{"a":[',
    "strings": '"a\\"',
    "xml": "<password>",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_lines_cost_linear_time(piece: str) -> None:
    """A long line of what a detector likes best is done within seconds, not hours."""
    line = piece * (200_000 // len(piece))
    started = time.process_time()
    redact(line)
    assert time.process_time() - started < 5
