"""CAM: users, their API keys and policies, as far as they reach the object store, the one service here that asks."""

import hashlib
import secrets
import time
import zlib

from region import access, cos_policy, schema, storage
from region.errors import RegionError
from region.resources.base import Properties, Resource, computed

KEYS = 2
"""API keys of one user (https://cloud.tencent.com/document/product/598/40488)."""


class _Access(Resource):
    """What changes who may do what in the buckets."""

    def settled(self, outputs: Properties) -> None:
        access.lay(self.region)
        storage.close_storage(self.region)


class User(_Access):
    """A sub-user of the account, who can be named in bucket policies; with `useApi` one with a key.

    Equal: the user's number (`uin`) stays the same however often it is made; a key that was deleted from the object
    store shows as `useApi` false and is made anew; a user with keys is deleted with `forceDelete` only.

    Differs: there is no console, so that `password`, `phoneNum`, `email`, `countryCode`, `needResetPassword` and
    `consoleLogin` are kept on record; keys open the object store and nothing else.
    """

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
        return outputs | (self._key(id_) if inputs.get("useApi") else {})

    def _key(self, id_: str) -> Properties:
        storage.open_storage(self.region)
        # The key's id is the user's own: one that a killed run left behind is found and made anew.
        key, secret = _access_key(self.region.name, id_), secrets.token_hex(16)
        storage.put_account(self.region, key, secret)
        return {"secretId": key, "secretKey": secret}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not outputs.get("secretId"):
            return outputs
        if storage.exists(self.region) and not storage.serving(self.region):
            return outputs
        there = storage.accounts(self.region) if storage.exists(self.region) else {}
        if there.get(outputs["secretId"]) == outputs["secretKey"]:
            return outputs
        return {**outputs, "useApi": False, "secretId": "", "secretKey": ""}

    def adopt(self, id_: str) -> tuple[Properties, Properties] | None:
        key = _access_key(self.region.name, id_)
        if not storage.serving(self.region) or key not in (found := storage.accounts(self.region)):
            return None
        outputs = self.create(id_, {"name": id_})
        return {"name": id_, "useApi": True}, {**outputs, "secretId": key, "secretKey": found[key]}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        kept = computed(old, "uid", "uin", "secretId", "secretKey")
        if new.get("useApi"):
            return kept if old.get("useApi") and old.get("secretId") else kept | self._key(id_)
        self._drop(kept)
        return kept | {"secretId": "", "secretKey": ""}

    def _drop(self, outputs: Properties) -> None:
        if outputs.get("secretId") and storage.exists(self.region):
            storage.open_storage(self.region)
            storage.drop_account(self.region, outputs["secretId"])

    def delete(self, id_: str, outputs: Properties) -> None:
        keys = access.keys(self.region).get(str(outputs["uin"]), [])
        if keys and not outputs.get("forceDelete"):
            raise RegionError(f"user {id_} has API keys; delete them first, or set forceDelete")
        if keys and storage.exists(self.region):
            storage.open_storage(self.region)
            for key in keys:
                storage.drop_account(self.region, key)


def _access_key(region: str, owner: str) -> str:
    return f"AKID{hashlib.sha256(f'{region}/{owner}'.encode()).hexdigest()[:32]}"


class AccessKey(_Access):
    """An API key of a user: an account of the region's S3 server.

    Equal: it opens what the policies let its user do, from the moment that it is made until it is deleted or switched
    off (`status` Inactive); its secret is told when it is made, and never again; a user has two at most. A key that
    was deleted from the store, or has another secret there, is read as gone and made anew with a new secret.

    Differs: `pgpKey` is not realised; a key of the account itself can't be made. The store checks the signature of an
    upload in chunks with an unsigned trailer (`STREAMING-UNSIGNED-PAYLOAD-TRAILER`, versitygw 1.2.0) by its key's id
    alone: who knows the id can write what its user can. All other requests need the secret.
    """

    type = storage.KEY
    prefix = "key"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        if not inputs.get("targetUin"):
            return [("targetUin", "is required by the local region: the account itself has no keys here")]
        if inputs.get("pgpKey"):
            return [("pgpKey", "is not realised by the local region")]
        if inputs.get("status") not in (None, "", schema.UNKNOWN, "Active", "Inactive"):
            return [("status", f"has to be one of Active, Inactive, not {inputs['status']!r}")]
        return []

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        # The real provider's id names the user and the key.
        return f"{inputs['targetUin']}#{_access_key(self.region.name, f'{urn}#{generation}')}"

    def create(self, id_: str, inputs: Properties) -> Properties:
        uin, _, key = id_.partition("#")
        users = {str(user.outputs["uin"]): user.id for user in self.region.records.all(storage.USER)}
        if uin not in users:
            raise RegionError(f"targetUin {uin} is no user of region {self.region.name}")
        others = [other for other in access.keys(self.region).get(uin, []) if other != key]
        if len(others) >= KEYS:
            raise RegionError(f"user {users[uin]} has {KEYS} API keys already, which is a user's quota")
        secret = secrets.token_hex(16)
        outputs = {"accessKey": key, "secretAccessKey": secret, "status": inputs.get("status") or "Active"}
        storage.open_storage(self.region)
        self._switch(outputs)
        return {**outputs, "encryptedSecretAccessKey": "", "keyFingerprint": ""}

    def _switch(self, outputs: Properties) -> None:
        if outputs["status"] == "Active":
            storage.put_account(self.region, outputs["accessKey"], outputs["secretAccessKey"])
        else:
            storage.drop_account(self.region, outputs["accessKey"])

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not storage.serving(self.region):
            return outputs if storage.exists(self.region) else None
        secret = storage.accounts(self.region).get(outputs["accessKey"])
        if outputs.get("status") == "Inactive":
            return {**outputs, "status": "Active"} if secret else outputs
        return outputs if secret == outputs["secretAccessKey"] else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        names = ("accessKey", "secretAccessKey", "encryptedSecretAccessKey", "keyFingerprint")
        outputs = {**computed(old, *names), "status": new.get("status") or "Active"}
        self._switch(outputs)
        return outputs

    def delete(self, id_: str, outputs: Properties) -> None:
        if storage.exists(self.region):
            storage.open_storage(self.region)
            storage.drop_account(self.region, outputs["accessKey"])


class Policy(_Access):
    """A policy of CAM, for users that it is attached to.

    Equal: it takes effect, and stops to, at once; statements for COS's buckets and objects, allow and deny, with
    wildcards in actions and resources.

    Differs: statements for other services than COS are kept on record; conditions are not realised.
    """

    type = access.CAM_POLICY
    prefix = "policy"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        # A number, as CAM's.
        return str(200_000_000 + zlib.crc32(f"{self.region.name}/{urn}#{generation}".encode()) % 100_000_000)

    def create(self, id_: str, inputs: Properties) -> Properties:
        cos_policy.parsed(inputs["document"])
        return {"createTime": _now(), "updateTime": _now(), "type": 1}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        cos_policy.parsed(new["document"])
        return {**computed(old, "createTime", "type"), "updateTime": _now()}

    def delete(self, id_: str, outputs: Properties) -> None:
        attached = self.region.records.all(access.USER_POLICY)
        users = [record.id.partition("#")[0] for record in attached if str(record.inputs["policyId"]) == id_]
        if users:
            raise RegionError(f"policy {id_} is attached to {', '.join(users)}; detach it first")


class UserPolicyAttachment(Resource):
    """A policy of CAM given to a user: statements in the policy of each bucket that it speaks of.

    Equal: a user with both may do what the bucket's policy or the user's own lets it, unless one of them denies it.
    Statements that were taken out of a bucket by hand are read as gone.

    Differs: the cloud's preset policies are not there to be attached.
    """

    type = access.USER_POLICY
    prefix = "attachment"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return f"{inputs.get('userName') or inputs.get('userId')}#{inputs['policyId']}"

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def create(self, id_: str, inputs: Properties) -> Properties:
        policy = self.region.get(access.CAM_POLICY, str(inputs["policyId"]))
        self.region.get(storage.USER, id_.partition("#")[0])
        name = str(policy.inputs.get("name", ""))
        return {"createMode": 1, "createTime": _now(), "policyName": name, "policyType": "User"}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not storage.serving(self.region):
            return outputs if storage.exists(self.region) else None
        wanted = access.given(self.region, outputs, access.keys(self.region))
        laid = all(
            one in (access.real(self.region, bucket) or [])
            for bucket, found in wanted.items()
            for one in found
        )
        return outputs if laid else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return computed(old, "createMode", "createTime", "policyName", "policyType")

    def delete(self, id_: str, outputs: Properties) -> None:
        """Laid anew without it once it is off the record."""

    def settled(self, outputs: Properties) -> None:
        access.lay(self.region, *access.given(self.region, outputs, access.keys(self.region)))


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())


RESOURCES = (User, AccessKey, Policy, UserPolicyAttachment)
