"""Signatures and encryption of WeChat Pay v3 (https://pay.weixin.qq.com/doc/v3/merchant/4012365342). Pure."""

import base64
import re
import secrets
import time
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SCHEME = "WECHATPAY2-SHA256-RSA2048"
OLDEST = 300
"""Seconds that a request's time may be off."""
PROBE = "WECHATPAY/SIGNTEST/"
"""How the signature of a probe begins: whoever accepts one doesn't check signatures."""


@dataclass(frozen=True)
class Authorization:
    """What a request says of its sender."""

    mchid: str
    nonce_str: str
    timestamp: str
    serial_no: str
    signature: str


def parse_authorization(header: str) -> Authorization | None:
    """The parts of an `Authorization` header, or None where it isn't one of this scheme."""
    scheme, _, rest = header.partition(" ")
    parts = dict(re.findall(r'([a-z_]+)="([^"]*)"', rest))
    names = ("mchid", "nonce_str", "timestamp", "serial_no", "signature")
    if scheme != SCHEME or not all(parts.get(name) for name in names):
        return None
    return Authorization(**{name: parts[name] for name in names})


def private_key(pem: str) -> rsa.RSAPrivateKey:
    """An RSA key. Raises `ValueError` for anything else."""
    key = serialization.load_pem_private_key(pem.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def public_key(pem: str) -> rsa.RSAPublicKey:
    """An RSA key. Raises `ValueError` for anything else."""
    key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA key")
    return key


def sign(key: rsa.RSAPrivateKey, *lines: str) -> str:
    """The signature over lines that each end in a newline, as base64."""
    text = "".join(f"{line}\n" for line in lines)
    return base64.b64encode(key.sign(text.encode(), PKCS1v15(), hashes.SHA256())).decode()


def verify(key: rsa.RSAPublicKey, signature: str, *lines: str) -> bool:
    """Whether a signature over such lines is right."""
    text = "".join(f"{line}\n" for line in lines)
    try:
        key.verify(base64.b64decode(signature, validate=True), text.encode(), PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def headers(key: rsa.RSAPrivateKey, key_id: str, body: str, *, probe: bool = False) -> dict[str, str]:
    """What WeChat Pay puts beside a body that it sends; for a `probe` the signature is none."""
    now, nonce = str(int(time.time())), secrets.token_hex(16)
    false = PROBE + base64.b64encode(secrets.token_bytes(240)).decode()
    return {
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": key_id,
        "Wechatpay-Signature": false if probe else sign(key, now, nonce, body),
        "Wechatpay-Signature-Type": SCHEME,
        "Wechatpay-Timestamp": now,
    }


def encrypt(api_v3_key: str, text: str, original_type: str) -> dict[str, str]:
    """A notification's `resource`: AES-256-GCM with the merchant's APIv3 key."""
    nonce = secrets.token_hex(6)
    cipher = AESGCM(api_v3_key.encode()).encrypt(nonce.encode(), text.encode(), original_type.encode())
    return {
        "original_type": original_type,
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(cipher).decode(),
        "associated_data": original_type,
        "nonce": nonce,
    }
