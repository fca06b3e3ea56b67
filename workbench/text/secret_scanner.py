"""A second opinion: the detectors of detect-secrets that look for forms, not for entropy.

That package takes its plugins from settings that are a context: outside of it, or once its object
is collected, every scan silently finds nothing. So the detectors are made here, one by one, and
:func:`scanners` refuses to hand out any that does not find what it must.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.text.secret_kinds import Secret
from workbench.text.secret_values import (
    UUID,
    is_code,
    is_harmless,
    is_path,
    is_prose,
    is_reference,
    is_word,
    looks_random,
)

if TYPE_CHECKING:
    from detect_secrets.plugins.base import BasePlugin

LONGEST = 600
"""Characters of a line that are looked at: some of its patterns cost the square of the length."""
HEX, DRAWN = "0123456789abcdef", "q7Zk2Vb9Xn4Lp1Rt8Ym3Wd6Fs5Jo0UaHc" * 3
# Left out: the two for entropy, the one for public addresses, which are no secrets, and the one
# for private keys, which names only their header, and those for GitHub, GitLab and JWT, which hand
# back no more than a token's beginning. Module, class, what a lowered line must hold, and
# a line in which it must find something.
PLUGINS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("artifactory", "ArtifactoryDetector", ("akc", "ap"), f" AKC{DRAWN[:20]} "),
    ("aws", "AWSKeyDetector", ("akia", "asia", "abia", "acca", "a3t", "aws"), "AKIA" + "Q3Z7" * 4),
    ("azure_storage_key", "AzureStorageKeyDetector", ("accountkey",), "AccountKey=" + "aB3+" * 22),
    ("basic_auth", "BasicAuthDetector", ("://",), "x://u:" + DRAWN + "@h"),
    ("cloudant", "CloudantDetector", ("cl",), "cloudant_password = '" + HEX * 4 + "'"),
    ("discord", "DiscordBotTokenDetector", (".",), f"M{DRAWN[:23]}.{DRAWN[:6]}.{DRAWN[:27]}"),
    (
        "ibm_cloud_iam",
        "IbmCloudIamDetector",
        ("key", "pwd", "pass", "token"),
        f"ibm_api_key = '{DRAWN[:44]}'",
    ),
    ("ibm_cos_hmac", "IbmCosHmacDetector", ("secret",), "cos_secret_access_key=" + HEX * 3),
    (
        "keyword",
        "KeywordDetector",
        ("key", "pass", "pwd", "secret", "contras"),
        "password = 'aB3x9'",
    ),
    ("mailchimp", "MailchimpDetector", ("-us",), HEX * 2 + "-us12"),
    ("npm", "NpmDetector", ("_authtoken",), "//r.example/:_authToken=npm_" + DRAWN),
    ("openai", "OpenAIDetector", ("sk-",), f"sk-{DRAWN[:20]}T3BlbkFJ{DRAWN[:20]}"),
    ("pypi_token", "PypiTokenDetector", ("pypi-",), "pypi-AgEIcHlwaS5vcmc" + DRAWN),
    ("sendgrid", "SendGridDetector", ("sg.",), f"SG.{DRAWN[:22]}.{DRAWN[:43]}"),
    ("slack", "SlackDetector", ("xox", "hooks.slack"), "xox" + "b-1234-" + DRAWN),
    ("softlayer", "SoftlayerDetector", ("sl", "softlayer"), "softlayer_api_key = " + HEX * 4),
    ("square_oauth", "SquareOAuthDetector", ("sq0csp",), f"sq0csp-{DRAWN[:43]}"),
    ("stripe", "StripeDetector", ("k_live_",), "sk" + "_live_" + DRAWN[:24]),
    ("telegram_token", "TelegramBotTokenDetector", (":",), f"1234567890:{DRAWN[:35]}"),
    ("twilio", "TwilioKeyDetector", ("ac", "sk"), "SK" + HEX * 2),
)


def scanned_secrets(line: str, lowered: str) -> Iterator[Secret]:
    """Yield what the detectors of detect-secrets find in a line and what is no harmless value."""
    if len(line) > LONGEST:
        line, lowered = line[:LONGEST], lowered[:LONGEST]
    for plugin, hints in scanners():
        if not any(hint in lowered for hint in hints):
            continue
        is_named = type(plugin).__name__ == "KeywordDetector"
        for value in plugin.analyze_string(line):
            at = line.find(value) if value else -1
            if at < 0 or not _is_secret(value):
                continue
            end = at + len(value)
            if _is_assigned(value, line[end:][:1]) if is_named else _stands_alone(line, at, end):
                yield Secret(at, end, "scanned")


@cache
def scanners() -> tuple[tuple[BasePlugin, tuple[str, ...]], ...]:
    """Return the detectors with what a lowered line must hold for each to be asked.

    Raises
    ------
    WorkbenchError
        A detector does not find the secret made up for it: a second pass that finds nothing would
        look just like a text without secrets.
    """
    found: list[tuple[BasePlugin, tuple[str, ...]]] = []
    for module, name, hints, probe in PLUGINS:
        plugin = getattr(import_module(f"detect_secrets.plugins.{module}"), name)()
        if not any(hint in probe.lower() for hint in hints) or not [*plugin.analyze_string(probe)]:
            raise WorkbenchError(
                f"{name} of detect-secrets does not find the secret made up for it.",
                right="A version of detect-secrets as pinned in constraints.txt.",
            )
        found.append((plugin, hints))
    return tuple(found)


def _is_secret(value: str) -> bool:
    return looks_random(value) and not (
        is_harmless(value)
        or is_word(value)
        or is_path(value)
        or "<secret:" in value
        or "://" in value
    )


def _is_assigned(value: str, after: str) -> bool:
    """Whether a quoted value behind a name is no name, sentence, expression or id itself."""
    if " " in value or is_prose(value) or is_code(value, after) or is_reference(value):
        return False
    return UUID.fullmatch(value) is None and not any(c in value for c in "(){}[]<>=,:")


def _stands_alone(line: str, start: int, end: int) -> bool:
    around = line[max(0, start - 1) : start] + line[end : end + 1]
    return not any(c.isalnum() or c in "+/" for c in around)
