"""Secrets that shopctl makes itself: passwords, the passphrase, the operator's key, the certificate."""

from __future__ import annotations

import os
import secrets
import string
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

_SPECIAL = "_-"
_PASSWORD_LENGTH = 16
_KEY_LENGTH = 50
_RENEW_BEFORE = timedelta(days=30)

PLACEHOLDER = "Placeholder_0000"
"""A password that checks accept, and that says of itself that it is none."""

KEY_NAMES = frozenset({"djangoSecretKey"})


def password() -> SecretStr:
    """One that every service of the stack accepts: 16 characters, among them letters, digits and one of `_-`.

    It begins with a letter, so that no command line takes it for an option.
    """
    alphabet = string.ascii_letters + string.digits + _SPECIAL
    while True:
        chosen = secrets.choice(string.ascii_letters)
        chosen += "".join(secrets.choice(alphabet) for _ in range(_PASSWORD_LENGTH - 1))
        kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, _SPECIAL)
        if all(any(character in kind for character in chosen) for kind in kinds):
            return SecretStr(chosen)


def generate(name: str) -> SecretStr:
    """A fresh value for a secret of that name."""
    if name in KEY_NAMES:
        return SecretStr(secrets.token_urlsafe(_KEY_LENGTH))
    return password()


def write_private(file: Path, content: str) -> None:
    """Writes a file that only its owner can read, at no moment otherwise, and never half."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = file.with_name(f"{file.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(file)


def ensure_passphrase(file: Path) -> None:
    """Makes the passphrase once. Without it the stack's secrets are lost: it is never made twice."""
    if not file.exists():
        write_private(file, secrets.token_urlsafe(32))


def ensure_ssh_key(file: Path, comment: str) -> str:
    """The operator's public key; the pair is made when it isn't there."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if not file.exists():
        private = Ed25519PrivateKey.generate().private_bytes(
            form.Encoding.PEM, form.PrivateFormat.OpenSSH, form.NoEncryption()
        )
        write_private(file, private.decode())
    key = form.load_ssh_private_key(file.read_bytes(), password=None)
    public = key.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH).decode()
    line = f"{public} {comment}"
    published = file.with_name(f"{file.name}.pub")
    if not published.exists() or published.read_text().strip() != line:
        published.write_text(f"{line}\n")
    return line


def placeholder_certificate(domain: str) -> tuple[str, str]:
    """A certificate that nobody trusts, and its key: for plans that are only looked at."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shopctl placeholder, not to be used")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    return certificate.public_bytes(form.Encoding.PEM).decode(), private.decode()


@dataclass(frozen=True)
class Names:
    """What a certificate has to be good for."""

    domains: frozenset[str]
    addresses: frozenset[str]


def certificate_fits(pem: str | None, wanted: Names, ca_pem: str, now: datetime | None = None) -> str | None:
    """Why the certificate has to be made anew, or None when it is good."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    if not pem:
        return "there is none"
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        authority = x509.load_pem_x509_certificate(ca_pem.encode())
        certificate.verify_directly_issued_by(authority)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except InvalidSignature:
        return "another authority signed it"
    except (ValueError, TypeError, x509.ExtensionNotFound) as error:
        return f"it cannot be used: {error}"
    if certificate.not_valid_after_utc - (now or datetime.now(UTC)) < _RENEW_BEFORE:
        return f"it expires on {certificate.not_valid_after_utc:%Y-%m-%d}"
    domains = frozenset(names.get_values_for_type(x509.DNSName))
    addresses = frozenset(str(address) for address in names.get_values_for_type(x509.IPAddress))
    if not (wanted.domains <= domains and wanted.addresses <= addresses):
        return "the names changed"
    return None
