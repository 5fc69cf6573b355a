"""CAM users with an API key: accounts of the region's S3 server, the one service here that takes such keys."""

import hashlib
import secrets
import zlib

from region import storage
from region.resources.base import Properties, Resource, computed


class User(Resource):
    type = storage.USER
    prefix = "cam"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        # The real provider's id of a user is its name.
        return str(inputs["name"])

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def create(self, id_: str, inputs: Properties) -> Properties:
        number = 100_000_000_000 + zlib.crc32(f"{self.region.name}/{id_}".encode())
        outputs: Properties = {"uid": number % 10_000_000, "uin": number, "secretId": "", "secretKey": ""}
        if inputs.get("useApi"):
            storage.open_storage(self.region)
            # The key's id is the user's own: one that a killed run left behind is found and made anew.
            access, secret = _access_key(self.region.name, id_), secrets.token_hex(16)
            if access in storage.manage(self.region, "/list-users"):
                storage.manage(self.region, f"/delete-user?access={access}")
            account = f"<Access>{access}</Access><Secret>{secret}</Secret><Role>user</Role>"
            storage.manage(self.region, "/create-user", f"<Account>{account}</Account>")
            outputs |= {"secretId": access, "secretKey": secret}
        return outputs

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return computed(old, "uid", "uin", "secretId", "secretKey")

    def delete(self, id_: str, outputs: Properties) -> None:
        if outputs.get("secretId") and self.region.is_running(storage.HOST):
            storage.manage(self.region, f"/delete-user?access={outputs['secretId']}")

    def settled(self, outputs: Properties) -> None:
        storage.close_storage(self.region)


def _access_key(region: str, user: str) -> str:
    return f"AKID{hashlib.sha256(f'{region}/{user}'.encode()).hexdigest()[:32]}"


RESOURCES = (User,)
