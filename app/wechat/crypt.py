"""WeChat's encryption of pushed messages (its documents call it WXBizMsgCrypt): AES-256-CBC and a sorted SHA-1.

Source: developers.weixin.qq.com, "消息加解密说明".
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32
_NOISE = 16
_LENGTH = 4


class CryptError(Exception):
    """A signature is wrong, or what was encrypted is not for this app."""


def signature(token: str, *parts: str) -> str:
    """The SHA-1 of the sorted parts: of timestamp and nonce for an address, of the ciphertext too for a message."""
    return hashlib.sha1("".join(sorted([token, *parts])).encode(), usedforsecurity=False).hexdigest()


def check(expected: str, sent: str) -> None:
    """Raise CryptError unless the signatures are equal; takes as long for a near miss as for any other."""
    if not hmac.compare_digest(expected.encode(), sent.encode()):
        raise CryptError("the signature is wrong")


@dataclass(frozen=True)
class Crypt:
    """The secret that an app shares with WeChat's push: `aes_key` is the 43 letters that its console shows."""

    app_id: str
    aes_key: str

    def _cipher(self) -> Cipher[modes.CBC]:
        key = base64.b64decode(self.aes_key + "=")
        return Cipher(algorithms.AES256(key), modes.CBC(key[:16]))

    def encrypt(self, message: bytes) -> str:
        """The message as WeChat would encrypt it for the app: noise, length, message, app id, padding."""
        plain = secrets.token_bytes(_NOISE) + struct.pack(">I", len(message)) + message + self.app_id.encode()
        missing = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher().encryptor()
        return base64.b64encode(
            encryptor.update(plain + bytes([missing]) * missing) + encryptor.finalize()
        ).decode()

    def decrypt(self, encrypted: str) -> bytes:
        """The message. Raises CryptError when it is malformed or meant for another app.

        Call it only after the signature was checked: CBC alone does not notice changes.
        """
        try:
            ciphertext = base64.b64decode(encrypted, validate=True)
            decryptor = self._cipher().decryptor()
            padded = decryptor.update(ciphertext) + decryptor.finalize()
        except (binascii.Error, ValueError) as error:
            raise CryptError("the message is not encrypted as agreed") from error
        missing = padded[-1] if padded else 0
        if not 1 <= missing <= _BLOCK or len(padded) < _NOISE + _LENGTH + missing:
            raise CryptError("the message's padding is wrong")
        content = padded[_NOISE:-missing]
        (length,) = struct.unpack(">I", content[:_LENGTH])
        message, app_id = content[_LENGTH : _LENGTH + length], content[_LENGTH + length :]
        if len(message) != length or app_id != self.app_id.encode():
            raise CryptError("the message is for another app")
        return message
