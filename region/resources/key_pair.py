"""Key pair: a public SSH key that instances take at their creation."""

import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from region.resources.base import Properties, Resource, computed


class KeyPair(Resource):
    """A key pair for SSH: a public key on record, which instances that name it write into root's authorized keys.

    Equal: without a `publicKey` a pair is made, and its private half is an output, once.

    Differs: a pair that is made is Ed25519, where the cloud makes RSA.
    """

    type = "tencentcloud:Key/pair:Pair"
    prefix = "skey"

    def create(self, id_: str, inputs: Properties) -> Properties:
        created = {"createdTime": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()), "privateKey": ""}
        return created if inputs.get("publicKey") else {**created, **generated()}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return computed(old, "createdTime", "privateKey", "publicKey")

    def delete(self, id_: str, outputs: Properties) -> None:
        """Instances keep the keys that they took."""


def generated() -> Properties:
    """A new pair, each half in OpenSSH's own form."""
    key = ed25519.Ed25519PrivateKey.generate()
    encoding, form = serialization.Encoding, serialization.PublicFormat
    private = key.private_bytes(
        encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(encoding.OpenSSH, form.OpenSSH)
    return {"privateKey": private.decode(), "publicKey": public.decode()}


RESOURCES = (KeyPair,)
