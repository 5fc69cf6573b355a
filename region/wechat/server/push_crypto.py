"""Signatures and encryption of pushed messages (mini-programs, "消息推送", secure mode). Pure.

AES-256-CBC with the key as IV over: 16 random bytes, the message's length (big-endian), the message, the app id,
padded as PKCS#7 does to blocks of 32 bytes.
"""

import base64
import hashlib
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


def signature(token: str, timestamp: str, nonce: str, *more: str) -> str:
    """SHA1 of the parts in order; `more` is the encrypted message for a `msg_signature`."""
    return hashlib.sha1("".join(sorted((token, timestamp, nonce, *more))).encode()).hexdigest()  # noqa: S324


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def encrypt(aes_key: str, text: str, app_id: str) -> str:
    """The message for `Encrypt`; `aes_key` is the EncodingAESKey of 43 characters."""
    message = text.encode()
    plain = secrets.token_bytes(16) + struct.pack(">I", len(message)) + message + app_id.encode()
    pad = BLOCK - len(plain) % BLOCK
    encryptor = _cipher(aes_key).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def decrypt(aes_key: str, cipher: str) -> tuple[str, str]:
    """Message and app id of an `Encrypt`."""
    decryptor = _cipher(aes_key).decryptor()
    padded = decryptor.update(base64.b64decode(cipher)) + decryptor.finalize()
    plain = padded[: -padded[-1]]
    length: int = struct.unpack(">I", plain[16:20])[0]
    return plain[20 : 20 + length].decode(), plain[20 + length :].decode()
