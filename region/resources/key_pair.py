"""Key pair: a public SSH key that instances take at their creation."""

import time

from region.resources.base import Properties, Resource, computed


class KeyPair(Resource):
    type = "tencentcloud:Key/pair:Pair"
    prefix = "skey"

    def create(self, id_: str, inputs: Properties) -> Properties:
        return {"createdTime": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()), "privateKey": ""}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return computed(old, "createdTime", "privateKey")

    def delete(self, id_: str, outputs: Properties) -> None:
        """Instances keep the keys that they took."""


RESOURCES = (KeyPair,)
