"""Generated secrets keep the services' rules and stay secret."""

import datetime
import stat
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shopctl import secrets
from shopctl.secrets import Names, certificate_fits

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
WANTED = Names(frozenset({"shop.local.test", "cdn.local.test"}), frozenset({"10.77.240.10"}))


def test_passwords_keep_the_rules() -> None:
    for _ in range(200):
        word = secrets.password().get_secret_value()
        assert 8 <= len(word) <= 16
        assert word[0].isalpha()
        assert any(c.isupper() for c in word)
        assert any(c.islower() for c in word)
        assert any(c.isdigit() for c in word)
        assert set(word) & set("_+-&=!@#$%^*()")
        assert all(c.isalnum() or c in "_+-&=!@#$%^*()" for c in word)


def test_no_two_are_alike() -> None:
    assert len({secrets.password().get_secret_value() for _ in range(500)}) == 500


def test_they_print_as_stars() -> None:
    word = secrets.generate("mysqlRootPassword")
    assert "***" in str(word)
    assert word.get_secret_value() not in repr(word)


def test_django_key_is_long() -> None:
    assert len(secrets.generate("djangoSecretKey").get_secret_value()) >= 50


def test_private_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "env" / "passphrase"
    secrets.ensure_passphrase(file)
    first = file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secrets.ensure_passphrase(file)
    assert file.read_text() == first


def test_the_ssh_key_is_made_once_and_its_public_half_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "ssh" / "id_ed25519"
    line = secrets.ensure_ssh_key(file, "shopctl-local")
    assert line.startswith("ssh-ed25519 ")
    assert line.endswith(" shopctl-local")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.with_name("id_ed25519.pub").unlink()
    assert secrets.ensure_ssh_key(file, "shopctl-local") == line
    assert file.with_name("id_ed25519.pub").read_text() == f"{line}\n"


class Authority:
    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test authority")])
        self.pem = self._sign(self.name, self.key, None, 3650)

    def issue(self, names: Names, days: int) -> str:
        own = ec.generate_private_key(ec.SECP256R1())
        return self._sign(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")]), own, names, days)

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, names: Names | None, days: int
    ) -> str:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - datetime.timedelta(days=400))
            .not_valid_after(NOW + datetime.timedelta(days=days))
        )
        if names:
            alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in sorted(names.domains)]
            alternatives += [x509.IPAddress(IPv4Address(a)) for a in sorted(names.addresses)]
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


AUTHORITY = Authority()


@pytest.mark.parametrize(
    ("pem", "reason"),
    [
        pytest.param(AUTHORITY.issue(WANTED, 200), None, id="good"),
        pytest.param(None, "there is none", id="absent"),
        pytest.param(AUTHORITY.issue(WANTED, 10), "it expires on 2026-06-11", id="expiring"),
        pytest.param(
            AUTHORITY.issue(Names(frozenset({"shop.local.test"}), WANTED.addresses), 200),
            "the names changed",
            id="a domain is missing",
        ),
        pytest.param(
            AUTHORITY.issue(Names(WANTED.domains, frozenset()), 200),
            "the names changed",
            id="an address is missing",
        ),
        pytest.param(
            Authority().issue(WANTED, 200), "another authority signed it", id="of a region before this"
        ),
    ],
)
def test_when_a_certificate_is_renewed(pem: str | None, reason: str | None) -> None:
    assert certificate_fits(pem, WANTED, AUTHORITY.pem, NOW) == reason


def test_rubbish_is_renewed_too() -> None:
    assert (certificate_fits("rubbish", WANTED, AUTHORITY.pem, NOW) or "").startswith("it cannot be used")
