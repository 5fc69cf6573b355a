"""The region's certificate authority: what a public one is to the cloud."""

import datetime
import fcntl
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from region.settings import REGIONS_ROOT

VALID = datetime.timedelta(days=398)
"""The longest that browsers accept of a server's certificate (CA/Browser Forum, Baseline Requirements 6.3.2)."""


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode().strip()


def _names(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(
        now - datetime.timedelta(hours=1)
    )
    return builder.not_valid_after(now + VALID)


def _load(region: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    home = REGIONS_ROOT / region / "authority"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "ca.pem").exists():
            _make(region, home)
    key = serialization.load_pem_private_key((home / "ca.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return x509.load_pem_x509_certificate((home / "ca.pem").read_bytes()), key


def _make(region: str, home: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _names(f"shopctl local region {region}")
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = _builder(name, name, key.public_key()).add_extension(usage, critical=True)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
    )
    certificate = builder.sign(key, hashes.SHA256())
    (home / "ca.key").touch(mode=0o600)
    (home / "ca.key").write_text(_pem(key) + "\n")
    # The certificate last: where it is, the key is too.
    (home / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def ca(region: str) -> str:
    """The region's CA certificate as PEM, made at the first call."""
    return _load(region)[0].public_bytes(serialization.Encoding.PEM).decode()


def issue(region: str, names: list[str], addresses: list[str] | None = None) -> tuple[str, str]:
    """A server certificate for DNS `names` and IP `addresses`: (certificate, key) as PEM without a last newline."""
    certificate, key = _load(region)
    own = ec.generate_private_key(ec.SECP256R1())
    san: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    san += [x509.IPAddress(IPv4Address(address)) for address in addresses or []]
    builder = _builder(_names(names[0]), certificate.subject, own.public_key())
    builder = builder.add_extension(x509.SubjectAlternativeName(san), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    builder = builder.add_extension(identifier, critical=False)
    signed = builder.sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode().strip(), _pem(own)
