"""Signatures and encryption of pushed messages."""

import base64

from region.wechat.account import create
from region.wechat.server.push_crypto import decrypt, encrypt, signature


def test_the_official_vector() -> None:
    # WeChat's documentation of the push URL's verification.
    assert signature("AAAAA", "1714036504", "1514711492") == "f464b24fc39322e44b38aa78f5edd27bd1441696"


def test_what_is_encrypted_is_read_again_whatever_its_length() -> None:
    account, _ = create()
    for length in range(70):
        text = "好" * length
        cipher = encrypt(account.push_aes_key, text, account.app_id)
        assert len(base64.b64decode(cipher)) % 32 == 0
        assert decrypt(account.push_aes_key, cipher) == (text, account.app_id)


def test_the_same_text_is_another_cipher_each_time() -> None:
    account, _ = create()
    assert len({encrypt(account.push_aes_key, "text", account.app_id) for _ in range(20)}) == 20
