"""Tokens that their makers mark with a prefix of their own, such as ``ghp_`` and ``xoxb-``."""

from __future__ import annotations

import re

# What touches a word is part of it, but for the letter of an escaped line end and a URL's escape.
BEFORE = r"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2}))"
AFTER = r"(?![A-Za-z0-9])"

TOKENS: tuple[tuple[str, str, str], ...] = (
    (
        "aws-key",
        "akia asia aroa aida abia acca agpa anpa anva aipa absk",
        r"(?:(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA|AGPA|ANPA|ANVA|AIPA)[A-Z0-9]{16}(?![A-Za-z0-9])"
        r"|ABSK[A-Za-z0-9+/]{90,}={0,2})",
    ),
    (
        "gcp-key",
        "aiza ya29. gocspx- 1//0 4/0a",
        r"(?:AIza[\w-]{30,}|ya29\.[\w.-]{16,}|GOCSPX-[\w-]{16,}|1//0[\w-]{24,}|4/0A[\w-]{24,})",
    ),
    ("azure-secret", "8q~ 7q~", r"[\w~.]{3}[78]Q~[\w~.-]{31,34}(?![\w~.-])"),
    (
        "github-token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,})",
    ),
    (
        "gitlab-token",
        "glpat- gldt- glrt- glft- glcbt- glptt- glsoat- glimt- glagent- gloas- glwt- gr1348941",
        r"(?:gl(?:pat|dt|rt|ft|cbt|ptt|soat|imt|agent|oas|wt)-[\w.-]{16,}|GR1348941[\w-]{16,})",
    ),
    ("slack-token", "xox xapp-", r"(?:xox[a-z](?:\.xox[a-z])?|xapp)-[\w-]{8,}"),
    (
        "stripe-key",
        "_live_ _test_ whsec_",
        r"(?:(?:sk|rk|pk|shippo)_(?:live|test)_[A-Za-z0-9]{8,}|whsec_[\w+/=]{16,})",
    ),
    (
        "payment-token",
        "sq0 eaaa access_token$ shpat_ shpca_ shppa_ shpss_ access-production- ezak eztk",
        r"(?:sq0[a-z]{3}-[\w-]{20,}|EAAA[\w-]{56,}|access_token\$production\$[\w$]{30,}"
        r"|shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}|access-production-[0-9a-f-]{36}"
        r"|EZ[AT]K[A-Za-z0-9]{54,})",
    ),
    (
        "model-key",
        "sk- hf_ api_org_ gsk_ xai- pplx- r8_ fw_ tgp_v1_ lsv2_ pcsk_ nvapi- csk- jina_ wandb_v1_",
        r"(?:sk-(?=[a-z_-]{0,80}[0-9A-Z])[\w-]{20,}|(?:hf_|api_org_)[A-Za-z0-9]{20,}"
        r"|gsk_[A-Za-z0-9]{40,}|xai-[A-Za-z0-9]{40,}|pplx-[A-Za-z0-9]{32,}|r8_[A-Za-z0-9]{30,}"
        r"|fw_[A-Za-z0-9]{20,}|tgp_v1_[\w-]{30,}|lsv2_(?:pt|sk)_\w{32,}|pcsk_\w{30,}"
        r"|nvapi-[\w-]{40,}|csk-[a-z0-9]{40,}|jina_[A-Za-z0-9]{40,}|wandb_v1_\w{40,})",
    ),
    (
        "package-token",
        "npm_ pypi- rubygems_ dckr_pat_ dckr_oat_ oy2 cio akcp cmvmd",
        r"(?:npm_[A-Za-z0-9]{30,}|pypi-[\w-]{50,}|rubygems_[0-9a-f]{48}|dckr_[po]at_[\w-]{20,}"
        r"|oy2[a-z0-9]{43}(?![a-z0-9])|cio[A-Za-z0-9]{32}(?![A-Za-z0-9])|AKCp[A-Za-z0-9]{40,}"
        r"|cmVmd[A-Za-z0-9]{50,})",
    ),
    (
        "data-token",
        "dapi dkea dose dbtu_ dbtc_ dbts_ mdb_sa_sk_ pscale_ napi_ npg_ sbp_ sb_secret_ avns_"
        " ccdb1_ pnu_ pnb_",
        r"(?:d(?:api|kea|ose)[0-9a-f]{32}(?:-\d)?|dbt[ucs]_[\w=+/-]{30,}|mdb_sa_sk_[\w-]{30,}"
        r"|pscale_(?:tkn|pw|oauth)_[\w-]{30,}|napi_[a-z0-9]{40,}|npg_[A-Za-z0-9]{12,}"
        r"|sbp_[0-9a-f]{40}|sb_secret_[\w-]{20,}|AVNS_[\w-]{12,}|CCDB1_\w{20,}"
        r"|pn[ub]_[A-Za-z0-9]{36})",
    ),
    (
        "cloud-token",
        "dop_v1_ doo_v1_ dor_v1_ pul- atlasv1. fm1_ fm2_ fo1_ rnd_ nfp_ hrku- ltai akid tskey- scw"
        " aqvn",
        r"(?:do[opr]_v1_[0-9a-f]{40,}|pul-[0-9a-f]{40}|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}"
        r"|f(?:m[12]|o1)_[\w+/=-]{40,}|rnd_[A-Za-z0-9]{28,}|nfp_[A-Za-z0-9]{36,}|HRKU-[\w-]{36,}"
        r"|LTAI[A-Za-z0-9]{12,24}|AKID[A-Za-z0-9]{32}|tskey-[a-z]{2,12}-[\w-]{16,}"
        r"|SCW[A-Z0-9]{17}|AQVN[\w-]{30,})" + AFTER,
    ),
    (
        "vault-token",
        "hvs. hvb. hvr. dp. age-secret-key ops_ey",
        r"(?:hv[sbr]\.[\w-]{20,}|dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{30,}"
        r"|AGE-SECRET-KEY-1[A-Z0-9]{50,}|ops_ey[\w.-]{60,})",
    ),
    (
        "monitoring-token",
        "nrak- nrjs- nrii- nral glsa_ glc_ sntrys_ sntryu_ hcaik_ dt0 sdk- lin_api_ lin_oauth_",
        r"(?:NR(?:AK|JS|II)-[\w-]{20,}|[0-9a-f]{36}NRAL|glsa_\w{30,}|glc_[\w+/=]{32,}"
        r"|sntry[su]_[\w+/=-]{40,}|hcaik_[a-z0-9]{40,}|dt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{40,}"
        r"|sdk-[0-9a-f]{8}-[0-9a-f-]{27}|lin_(?:api|oauth)_[A-Za-z0-9]{30,})",
    ),
    (
        "vendor-token",
        "sg. sk ac -us key- :aa atatt3 atbb atctt3 pmak- ntn_ secret_ figd_ pat tfp_ cfpat- pat-"
        " xkeysib- re_ sgp_ sqp_ squ_ sqa_ ccipat_ bkua_ 0k sl. k.ey fio-u-",
        r"(?:SG\.[\w-]{16,}\.[\w-]{16,}|(?:SK|AC)[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2}"
        r"|key-[0-9a-f]{32}|(?:bot)?\d{8,10}:AA[\w-]{30,}|AT(?:ATT3|CTT3)[\w=-]{20,}"
        r"|ATBB[A-Za-z0-9]{24,}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}|ntn_[A-Za-z0-9]{40,}"
        r"|secret_[A-Za-z0-9]{43}|figd_[\w-]{36,}|pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"
        r"|tfp_[\w-]{40,}|CFPAT-[\w-]{40,}|pat-[a-z]{2}\d-[0-9a-f]{8}-[0-9a-f-]{27}"
        r"|xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}|re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}"
        r"|sgp_(?:[0-9a-f]{16}_)?[0-9a-f]{40}|sq[pua]_[0-9a-f]{40}|CCIPAT_\w{40,}|bkua_[0-9a-f]{40}"
        r"|sl\.[\w-]{60,}|[ps]k\.ey[\w-]{30,}\.[\w-]{16,}|fio-u-[\w=-]{60,})" + AFTER,
    ),
    ("bot-token", ".", r"[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,}"),
    ("jwt", "eyj", r"eyJ[\w-]{5,}(?:\.[\w-]{4,}){1,4}"),
    ("fernet-token", "gaaaa", r"gAAAA[\w-]{40,}={0,2}"),
)
"""Kind, what the lowered line must hold for a look to be worth it, and the token's own form."""

# A prefix nobody registered with us, before what nobody would write by hand.
PREFIXED = re.compile(
    BEFORE + r"(?!sha\d)[A-Za-z][A-Za-z0-9]{1,11}(?:[_-][A-Za-z0-9]{1,8}){0,2}[_-]"
    r"(?P<random>[A-Za-z0-9]{30,}+)(?![+/=_-])",
    re.ASCII,
)
NAMED_TOKEN = re.compile(r"(?:^|[_-])(?:tkn|token|pat|secret|api|apikey|sk|auth|live|prod)[_-]")


def is_prefixed_token(found: re.Match[str]) -> bool:
    """Whether letters and digits are mixed by chance, or follow a prefix such as ``acme_pat_``."""
    body = found["random"]
    if NAMED_TOKEN.search(found[0][: -len(body)].lower()):
        return any(c.isdigit() for c in body) and any(c.isalpha() for c in body)
    counts = [sum(map(test, body)) for test in (str.isupper, str.islower, str.isdigit)]
    return min(counts) >= 3
