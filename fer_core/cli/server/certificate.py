"""Certificates for ``rapt serve --tls``: one given and checked, or one made and kept.

Browsers give a camera only to secure addresses. A certificate that we sign ourselves makes
the address secure once a person has accepted it; its fingerprint is printed, so that they
can see that it is this one.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from fer_core.errors import SettingsError
from fer_core.files import write_bytes
from fer_core.home import Home

#: Browsers refuse certificates that hold longer than about 398 days.
HOLDS: Final = timedelta(days=397)
#: One that ends sooner than this is made anew.
RENEWED: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Certificate:
    """The two files that a server reads, and what a person compares."""

    cert: Path
    key: Path
    fingerprint: str
    ends: datetime
    self_signed: bool


def given(cert: Path, key: Path) -> Certificate:
    """A certificate with its key, checked before anything starts."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    text, secret = _read(cert), _read(key)
    try:
        found = _parse(text)
    except ValueError as error:
        raise SettingsError(
            f"{cert} holds no certificate in PEM form.", "Give fullchain.pem, or the like."
        ) from error
    try:
        private: Any = load_pem_private_key(secret, password=None)
    except TypeError as error:
        raise SettingsError(
            f"The key {key} asks for a password.", "Write it without one: openssl pkey -in KEY."
        ) from error
    except ValueError as error:
        raise SettingsError(f"{key} holds no private key in PEM form.") from error
    if private.public_key() != found.public_key():
        raise SettingsError(f"The key {key} does not belong to {cert}.", "Give the pair.")
    ends = found.not_valid_after_utc
    if ends <= datetime.now(UTC):
        raise SettingsError(f"The certificate {cert} ended on {ends:%d %B %Y}.", "Renew it.")
    return Certificate(cert.resolve(), key.resolve(), fingerprint(found), ends, False)


def self_signed(home: Home, names: Iterable[str] = ()) -> Certificate:
    """The home's own certificate; made where there is none, or where this machine's names or
    addresses are not all in it, for then a browser that accepted it asks again anyway."""
    folder = home.root / "tls"
    cert, key = folder / "cert.pem", folder / "key.pem"
    wanted = {*addresses(), *names}
    if cert.is_file() and key.is_file():
        try:
            known = given(cert, key)
            if known.ends - datetime.now(UTC) > RENEWED and wanted <= _names(_parse(_read(cert))):
                return Certificate(known.cert, known.key, known.fingerprint, known.ends, True)
        except SettingsError:
            pass  # it ended or is damaged: another is made in its place
    _make(cert, key, sorted(wanted))
    made = given(cert, key)
    return Certificate(made.cert, made.key, made.fingerprint, made.ends, True)


def addresses() -> list[str]:
    """What this machine is called, as far as it knows itself; nobody is asked."""
    import ifaddr

    found = {"localhost", "127.0.0.1", "::1", socket.gethostname().lower()}
    for adapter in ifaddr.get_adapters():
        for one in adapter.ips:
            text = one.ip if isinstance(one.ip, str) else one.ip[0]
            if not ipaddress.ip_address(text).is_link_local:
                found.add(text)
    return sorted(found)


def reachable() -> list[str]:
    """The addresses under which another machine may find this one, IPv4 first."""
    found = []
    for name in addresses():
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            continue
        if not address.is_loopback:
            found.append(address)
    return [str(one) for one in sorted(found, key=lambda one: (one.version, int(one)))]


def fingerprint(certificate: Any) -> str:
    """A certificate's SHA-256 as browsers show it: pairs of hexadecimal digits with colons."""
    from cryptography.hazmat.primitives.hashes import SHA256

    return ":".join(f"{byte:02X}" for byte in certificate.fingerprint(SHA256()))


def _make(cert: Path, key: Path, names: list[str]) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Rapt on this machine")])
    begins = datetime.now(UTC) - timedelta(minutes=5)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + HOLDS)
        .add_extension(x509.SubjectAlternativeName([_general(one) for one in names]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .sign(secret, SHA256())
    )
    plain = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for path, content in ((key, plain), (cert, built.public_bytes(Encoding.PEM))):
        write_bytes(path, content, mode=0o600)


def _general(name: str) -> Any:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _names(certificate: Any) -> set[str]:
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    ips = {str(one) for one in found.get_values_for_type(x509.IPAddress)}
    return ips | set(found.get_values_for_type(x509.DNSName))


def _parse(text: bytes) -> Any:
    from cryptography import x509

    return x509.load_pem_x509_certificate(text)


def _read(path: Path) -> bytes:
    try:
        return path.expanduser().read_bytes()
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}.", "Check its path."
        ) from error
