"""Certificates for https: files that are given, or one that signs itself and lives as long as the mock."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mockserver.errors import UsageError

if TYPE_CHECKING:
    from cryptography.x509 import GeneralName

VALID = timedelta(days=30)  # ours


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


def given(certificate: str, key: str) -> Certificate:
    """What the user brought, looked at once. UsageError where it does not work."""
    if not (certificate and key):
        raise UsageError("--tls-cert and --tls-key belong together. Give both, or --tls-self-signed.")
    for option, file in (("--tls-cert", certificate), ("--tls-key", key)):
        _readable(option, Path(file))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except OSError:  # an SSLError is one
        files = f"--tls-cert {certificate} with --tls-key {key}"
        raise UsageError(f"{files}: these are no certificate and its key. Give both in PEM.") from None
    return Certificate(Path(certificate), Path(key))


def _readable(option: str, file: Path) -> None:
    try:
        file.read_bytes()
    except OSError as error:
        raise UsageError(f"{option} {file}: it cannot be read: {error.strerror}. Give a file in PEM.") from None


@contextmanager
def self_signed(host: str) -> Iterator[Certificate]:
    """A certificate for `host` and localhost, in files that are gone afterwards."""
    with TemporaryDirectory(prefix="mockserver-") as folder:
        found = Certificate(Path(folder) / "certificate.pem", Path(folder) / "key.pem")
        certificate, key = _make(host)
        found.key.touch(mode=0o600)
        found.key.write_bytes(key)
        found.certificate.write_bytes(certificate)
        yield found


def _make(host: str) -> tuple[bytes, bytes]:
    """Certificate and key in PEM."""
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
    except ImportError:
        raise UsageError("--tls-self-signed needs `cryptography`. Run `pip install cryptography`.") from None
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mockserver")])
    since = datetime.now(UTC) - timedelta(hours=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), since, since + VALID)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return certificate.public_bytes(serialization.Encoding.PEM), pem


def _names(host: str) -> list[GeneralName]:
    from cryptography import x509

    addresses = {"127.0.0.1", "::1"}
    names = [x509.DNSName("localhost")]
    try:
        addresses.add(str(ipaddress.ip_address(host)))
    except ValueError:
        names += [x509.DNSName(host)] if host != "localhost" else []
    return [*names, *(x509.IPAddress(ipaddress.ip_address(each)) for each in sorted(addresses))]
