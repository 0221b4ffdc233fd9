"""The targets file: what it can say, and what it is told when it says something wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contracts.identity import Identity
from contracts.secret import Secret, scrub
from contracts.target import SupplyPlan, TargetError, load_target, target_names

WHOLE = """
[staging-om]
system = "ops_manager"
url = "https://om.staging.example:8443"
variant = "default"
tls_ca = "ca.pem"
rate = "120/m"
timeout = 2.5
settle_timeout = 60
may = ["read", "create", "cancel"]
parameters = { "PROJECT-ID" = "5b6212af90dc76637950a2c6" }

[staging-om.identities.owner]
scheme = "digest"
username = "env:OM_PUBLIC_KEY"
password = "env:OM_PRIVATE_KEY"
[staging-om.identities.stranger]
scheme = "bearer"
token = "file:token.txt"
[staging-om.identities.reader]
scheme = "oauth2"
token_url = "https://uaa.example/oauth/token"
username = "reader"
password = "pass-word-1"
client_id = "cf"

[staging-om.supply]
from = ["create", "pool", "command"]
create = { body = { seedHostport = "h:27017", requiredProcesses = ["h:27017"] } }
pool = "pool.csv"
command = ["./provision.sh", "{system}", "{state}"]

[other]
system = "cloud_foundry"
url = "http://127.0.0.1:8080/"
"""


@pytest.fixture
def targets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OM_PUBLIC_KEY", "public-key-7")
    monkeypatch.setenv("OM_PRIVATE_KEY", "private-key-8")
    (tmp_path / "token.txt").write_text("token-from-file-9\n", encoding="utf-8")
    (tmp_path / "two-lines.txt").write_text("top-secret-10\ntop-secret-11\n", encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes("schl\u00fcssel".encode("latin-1"))
    (tmp_path / "ca.pem").touch()
    (tmp_path / "pool.csv").write_text("id,state\n", encoding="utf-8")
    file = tmp_path / "targets.toml"
    file.write_text(WHOLE, encoding="utf-8")
    return file


def test_target_of_a_whole_table_holds_all_of_it(targets: Path) -> None:
    target = load_target(targets, "staging-om")

    assert (target.system, target.url, target.variant) == ("ops_manager", "https://om.staging.example:8443", "default")
    assert (target.host, target.loopback, target.control) == ("om.staging.example", False, None)
    assert (target.rate, target.timeout, target.settle_timeout) == (2.0, 2.5, 60.0)
    assert target.may == {"read", "create", "cancel"}
    assert target.parameters == {"PROJECT-ID": "5b6212af90dc76637950a2c6"}
    assert target.tls_ca == targets.parent / "ca.pem"
    assert target.identities["owner"] == Identity(
        "owner", "digest", username="public-key-7", password=Secret("private-key-8")
    )
    assert target.identities["stranger"] == Identity("stranger", "bearer", token=Secret("token-from-file-9"))
    assert target.identities["reader"].grant == "password"
    assert target.supply == SupplyPlan(
        sources=("create", "pool", "command"),
        create_body={"seedHostport": "h:27017", "requiredProcesses": ["h:27017"]},
        pool=targets.parent / "pool.csv",
        command=("./provision.sh", "{system}", "{state}"),
        folder=targets.parent,
    )


def test_target_without_may_is_read_only(targets: Path) -> None:
    target = load_target(targets, "other")

    assert (target.may, target.url, target.loopback) == ({"read"}, "http://127.0.0.1:8080", True)
    assert target_names(targets) == ("staging-om", "other")


def test_target_shown_hides_its_secrets(targets: Path) -> None:
    shown = repr(load_target(targets, "staging-om"))

    assert [secret for secret in ("private-key-8", "token-from-file-9", "pass-word-1") if secret in shown] == []
    assert scrub("key private-key-8 and token token-from-file-9") == "key *** and token ***"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('system = "ops_manager"', 'system = "om"', "[staging-om] system: unknown system `om`. Expected one of atlas,"),
        ('system = "ops_manager"', "", "[staging-om] system: is missing. Expected a string."),
        (
            "https://om.staging.example:8443",
            "om.staging.example",
            "[staging-om] url: is `om.staging.example`. Expected",
        ),
        (":8443", ":8443/api", "Leave out path and query"),
        (":8443", ":8443/#top", "Leave out path and query"),
        (":8443", ":84430", "[staging-om] url: is `https://om.staging.example:84430`. Expected"),
        (":8443", ":port", "[staging-om] url: is `https://om.staging.example:port`. Expected"),
        ("om.staging.example:8443", "[::1", "[staging-om] url: is `https://[::1`. Expected"),
        ("om.staging", "om staging", "[staging-om] url: is `https://om staging.example:8443`. Expected"),
        ("https://om", "https://me:pw@om", "Move the user into an identity"),
        ('"120/m"', '"fast"', "[staging-om] rate: is `fast`. Expected a number a second"),
        ("timeout = 2.5", "timeout = 0", "[staging-om] timeout: is 0. Expected a number of seconds above 0"),
        ("timeout = 2.5", "timeout = inf", "[staging-om] timeout: is inf. Expected a number of seconds above 0"),
        ("timeout = 2.5", "timeout = nan", "[staging-om] timeout: is nan. Expected a number of seconds above 0"),
        ("timeout = 2.5", 'timeout = "5"', "[staging-om] timeout: is a string. Expected a number of seconds above 0"),
        ("PROJECT-ID", "PROJECT_ID", "[staging-om.parameters] PROJECT_ID: unknown name. Expected one of PROJECT-ID, "),
        ('"cancel"]', '"destroy"]', "[staging-om] may: unknown word `destroy`. Expected words among cancel, create,"),
        ('["read", "create", "cancel"]', '["create", "cancel"]', "[staging-om] may: lacks `read`. Expected it among"),
        ('["read", "create", "cancel"]', "[]", "[staging-om] may: lacks `read`. Expected it among"),
        ("may =", "mya =", "[staging-om] mya: unknown key. Expected one of system, url,"),
        (
            'variant = "default"',
            'variant = "odd"',
            "[staging-om] variant: unknown variant `odd`. Expected one of default, observed, ",
        ),
        ('"ca.pem"', '"no.pem"', "[staging-om] tls_ca: there is no file"),
        ("env:OM_PRIVATE_KEY", "env:NOT_SET", "the environment variable NOT_SET is not set"),
        ("env:OM_PRIVATE_KEY", "env:", "[staging-om.identities.owner] password: `env:` names nothing"),
        ("file:token.txt", "file:two-lines.txt", "token: the content of two-lines.txt holds line breaks"),
        ("file:token.txt", "file:latin.txt", "latin.txt is not UTF-8. Expected a text file"),
        ("file:token.txt", "file:nowhere.txt", "[staging-om.identities.stranger] token: cannot read"),
        ('scheme = "digest"', 'scheme = "basic"', "[staging-om.identities.owner] scheme: unknown scheme `basic`"),
        (
            "identities.reader]",
            "identities.admin]",
            "[staging-om.identities] admin: unknown key. Expected one of owner",
        ),
        ('username = "env:OM_PUBLIC_KEY"', "", "[staging-om.identities.owner] username: is missing"),
        (
            "https://uaa.example/oauth/token",
            "uaa.example",
            "[staging-om.identities.reader] token_url: is `uaa.example`",
        ),
        ('"create", "pool"', '"creat", "pool"', "[staging-om.supply] from: unknown word `creat`"),
        ('pool = "pool.csv"', "", "[staging-om.supply] pool: `from` names pool, but there is no `pool`"),
        (
            'pool = "pool.csv"',
            'pool = "pool.csv"\ncontrol_token = "t"',
            "[staging-om.supply] control_token: `from` does not name control.",
        ),
        ('["./provision.sh", "{system}", "{state}"]', "[]", "[staging-om.supply] command: `from` names command, but"),
        ("create = { body", "create = { bdy", "[staging-om.supply.create] bdy: unknown key"),
        ("[other]", "x = 1\n[other", "is not TOML"),
        ("[other]", "[[other]]", "`other` is a list of tables. Expected one table. Write [other]"),
    ],
)
def test_target_with_a_mistake_says_where_what_and_what_to_do(targets: Path, old: str, new: str, told: str) -> None:
    targets.write_text(WHOLE.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(TargetError) as raised:
        load_target(targets, "staging-om")

    assert told in str(raised.value)
    assert str(raised.value).startswith(str(targets))


def test_target_that_is_not_there_names_those_that_are(targets: Path) -> None:
    with pytest.raises(TargetError, match=r"no target `prod`\. Found: staging-om, other"):
        load_target(targets, "prod")


def test_targets_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="cannot be read"):
        load_target(tmp_path / "none.toml", "x")


@pytest.mark.parametrize(
    "text",
    [
        'Authorization: Digest username="me", realm="r", nonce="n", uri="/x", response="0123456789abcdef"',
        "Authorization: Bearer abcdefgh",
        "authorization: basic bWU6cHc=",
        'curl -H "Authorization: Bearer abc.def.ghi"',
    ],
)
def test_scrub_of_authorization_headers_leaves_the_scheme_only(text: str) -> None:
    scrubbed = scrub(text)

    assert "***" in scrubbed
    assert [word for word in ("0123456789abcdef", "abcdefgh", "bWU6cHc", "abc.def") if word in scrubbed] == []


@pytest.mark.parametrize(
    "text",
    [
        'Digest realm="MMS Public API", domain="", nonce="0123456789abcdef", qop="auth"',
        'Digest realm="MMS Public API", nonce="0123456789abcdef',
        'Digest realm="MMS Public API", nonce="0123456789abcdef ... does not match "qop""',
    ],
    ids=["whole", "cut off", "in a sentence"],
)
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_scrub_of_json_leaves_json(text: str, depth: int) -> None:
    nested: str = text
    for _ in range(depth):
        nested = json.dumps([nested])

    scrubbed = scrub(nested)

    assert "0123456789abcdef" not in scrubbed
    for _ in range(depth):
        [scrubbed] = json.loads(scrubbed)
    assert scrubbed.startswith("Digest ***")
