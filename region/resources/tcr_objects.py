"""What stands inside a TCR instance: namespaces, repositories and tokens, as Nginx before the registry knows them."""

import re
import secrets
import time
from collections.abc import Callable

from region import schema
from region.errors import RegionError
from region.hosts import HostControl
from region.names import resource_id
from region.resources.base import Properties, Resource, computed
from region.services import registry, registry_config

_WORD = r"[a-z0-9]+(?:[._-][a-z0-9]+)*"
_NAMESPACE = re.compile(rf"(?=.{{2,30}}$){_WORD}")
_REPOSITORY = re.compile(rf"(?=.{{2,200}}$){_WORD}(?:/{_WORD})*")
SEVERITIES = ("low", "medium", "high")


class _Inside(Resource):
    """A thing of an instance, laid anew from all the records whenever one of them changes."""

    def watched(self, outputs: Properties) -> HostControl | None:
        """The instance's host for somebody who only looks; None when it is down."""
        control = self.region.host(outputs["instanceId"])
        return control if control.leader() else None

    def look(self, outputs: Properties, see: Callable[[HostControl], Properties | None]) -> Properties | None:
        """What `see` finds on the host; nothing where that is gone, and what is on record where it is down."""
        if not self.region.has_host(outputs["instanceId"]):
            return None
        control = self.watched(outputs)
        return see(control) if control else outputs

    def settled(self, outputs: Properties) -> None:
        registry.refresh(self.region, outputs["instanceId"])


class Namespace(_Inside):
    """A namespace of a TCR instance. What is pushed has to be in one.

    Equal: images of a public one are pulled without a token, of a private one with one only, from the moment that it is
    changed; one with repositories is not deleted. What a hand has changed is read as it is.

    Differs: nothing looks for vulnerabilities: `isAutoScan`, `isPreventVul`, `severity` and `cveWhitelistItems` are
    kept on record.
    """

    type = registry.NAMESPACE
    prefix = ""

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return f"{inputs['instanceId']}#{inputs['name']}"

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def check(self, inputs: Properties) -> list[schema.Failure]:
        found = _misnamed(
            inputs, _NAMESPACE, "2 to 30 lower-case letters, digits and single separators (. _ -)"
        )
        severity = inputs.get("severity")
        if severity not in (None, "", schema.UNKNOWN, *SEVERITIES):
            found.append(("severity", f"has to be one of {', '.join(SEVERITIES)}, not {severity!r}"))
        return found

    def create(self, id_: str, inputs: Properties) -> Properties:
        self.region.get(registry.INSTANCE, inputs["instanceId"])
        return {}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        def see(control: HostControl) -> Properties | None:
            known = registry_config.found_namespaces(registry.text_of(control, registry_config.NAMESPACES))
            if outputs["name"] not in known:
                return None
            public = known[outputs["name"]]
            return outputs if public == bool(outputs.get("isPublic")) else {**outputs, "isPublic": public}

        return self.look(outputs, see)

    def adopt(self, id_: str) -> tuple[Properties, Properties] | None:
        instance, _, name = id_.partition("#")
        found: Properties = {"instanceId": instance, "name": name}
        seen = self.read(id_, found) if self.region.is_running(instance) else None
        return (seen, {}) if seen else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return {}

    def delete(self, id_: str, outputs: Properties) -> None:
        if self.read(id_, outputs) is None:
            return
        inside = [
            record.inputs["name"]
            for record in registry.of(self.region, registry.REPOSITORY, outputs["instanceId"])
            if record.inputs["namespaceName"] == outputs["name"]
        ]
        if inside:
            raise RegionError(
                f"namespace {outputs['name']} has repositories ({', '.join(inside)}); delete them first"
            )


class Repository(_Inside):
    """A repository in a namespace of a TCR instance, for the images of one name.

    Equal: its images go with it; its descriptions change in place; one that was taken away by hand is read as gone.

    Differs: the cloud makes a repository with the first push into its namespace; here a push into one that isn't there
    is refused, so that a name that was misspelt shows.
    """

    type = registry.REPOSITORY
    prefix = ""

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return "#".join(inputs[name] for name in ("instanceId", "namespaceName", "name"))

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def check(self, inputs: Properties) -> list[schema.Failure]:
        return _misnamed(
            inputs, _REPOSITORY, "2 to 200 lower-case letters, digits and single separators (. _ - /)"
        )

    def create(self, id_: str, inputs: Properties) -> Properties:
        return {**self._told(inputs), "createTime": _now(), "updateTime": _now()}

    def _told(self, inputs: Properties) -> Properties:
        instance = self.region.get(registry.INSTANCE, inputs["instanceId"])
        home = self.region.get(registry.NAMESPACE, f"{instance.id}#{inputs['namespaceName']}")
        domain = registry.domain_of(instance.inputs["name"])
        return {
            "isPublic": bool(home.inputs.get("isPublic")),
            "url": f"{domain}/{registry.full_name(inputs)}",
        }

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        def see(control: HostControl) -> Properties | None:
            text = registry.text_of(control, registry_config.REPOSITORIES)
            there = registry.full_name(outputs) in registry_config.found_repositories(text)
            return outputs if there else None

        return self.look(outputs, see)

    def adopt(self, id_: str) -> tuple[Properties, Properties] | None:
        parts = id_.split("#")
        if len(parts) != 3 or not self.region.is_running(parts[0]):
            return None
        given: Properties = dict(zip(("instanceId", "namespaceName", "name"), parts, strict=True))
        return (given, self.create(id_, given)) if self.read(id_, given) else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return {**self._told(new), **computed(old, "createTime"), "updateTime": _now()}

    def delete(self, id_: str, outputs: Properties) -> None:
        if self.read(id_, outputs) is not None:
            registry.drop_images(self.region.host(outputs["instanceId"]), registry.full_name(outputs))


class Token(_Inside):
    """A long-lived token of a TCR instance: a user's name and a password that push and pull.

    Equal: it opens all of the instance's repositories from the moment that it is made until it is switched off
    (`enable`) or deleted, which counts from the next request on; its text is told when it is made and never changes.
    One that opens nothing any more, because of a hand, is read as switched off.

    Differs: each token has a user's name of its own; in the cloud all tokens of one account share it.
    """

    type = registry.TOKEN
    prefix = "token"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return f"{inputs['instanceId']}#{resource_id(self.prefix, urn, generation)}"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        if len(str(inputs.get("description") or "")) > 255:
            return [("description", "has to be at most 255 characters long")]
        return []

    def create(self, id_: str, inputs: Properties) -> Properties:
        self.region.get(registry.INSTANCE, inputs["instanceId"])
        name = id_.partition("#")[2]
        return {"tokenId": name, "userName": name, "token": secrets.token_hex(20), "createTime": _now()}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        def see(control: HostControl) -> Properties:
            known = registry_config.found_users(registry.text_of(control, registry_config.USERS))
            opens = registry_config.opens(known.get(outputs["userName"], ""), outputs["token"])
            return outputs if opens == outputs.get("enable", True) else {**outputs, "enable": opens}

        return self.look(outputs, see)

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return computed(old, "tokenId", "userName", "token", "createTime")

    def delete(self, id_: str, outputs: Properties) -> None:
        """The users are laid anew without it once it is off the record."""


def _misnamed(inputs: Properties, form: re.Pattern[str], words: str) -> list[schema.Failure]:
    name = inputs.get("name")
    if name in (None, schema.UNKNOWN) or form.fullmatch(str(name)):
        return []
    return [("name", f"{name!r} has to be {words}")]


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
