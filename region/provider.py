"""The provider that the Pulumi engine speaks to: `tencentcloud`, realised by the local region.

The engine finds it by PULUMI_DEBUG_PROVIDERS=tencentcloud:PORT. Which region it serves is the process's choice, not the
program's, so that the program is the same for every region.
"""

import contextlib
import logging
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from region import differences, foreseen, schema, sketches, traits
from region.checked import checked, hidden
from region.errors import RegionError, advice
from region.records import Record, Records
from region.region import Region
from region.resources import RESOURCES
from region.resources.base import Resource
from region.settings import RegionSettings
from region.wire import DEFAULTS, Properties, as_given, bare, to_plain, to_struct

__all__ = ["VERSION", "LocalProvider", "serve", "to_plain", "to_struct"]

VERSION = "0.2.3"
log = logging.getLogger("region")
T = TypeVar("T")

ANYWHERE = RegionSettings("anywhere", "0.0.0.0/0", "203.0.113.0/24", "203.0.113.254")
"""Addresses for a provider without a region. Its public range is the one that is kept for documentation (RFC 5737)."""


class LocalProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine; each call is one resource's.

    With a folder for `sketches` nothing is made on the machine and no root is needed: creations answer what a real one
    would look like, and the records are kept in that folder. Without a region there is nothing to check inputs against
    but the real provider's tables.
    """

    def __init__(self, settings: RegionSettings | None, sketches_in: Path | None = None) -> None:
        self.region = Region(settings or ANYWHERE)
        real: dict[str, Resource] = {kind.type: kind(self.region) for kind in RESOURCES}
        self.checks = real if settings else {}
        self.resources = real
        if sketches_in is not None:
            self.region.records = Records(sketches_in)
            self.resources = {
                type_: sketches.Sketch(self.region, type_, real.get(type_)) for type_ in schema.types()
            }

    # Provider

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=VERSION)

    def Handshake(
        self, request: Any, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        # An engine that is answered takes it that creations can be previewed; this one asks Configure then.
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "there is no handshake")
        raise AssertionError("abort raises")

    def Attach(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ConfigureResponse:
        given = bare(to_plain(request.args)).get("region")
        if isinstance(given, str) and given != schema.UNKNOWN:
            self.region.settings = replace(self.region.settings, cloud_region=given)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=False, supportsPreview=True, acceptResources=False
        )

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    # Resources

    def Check(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        type_ = request.type or _type(request.urn)
        if type_ not in self.resources:
            reason = f"{type_} is not realised by the local region; docs/region/ lists what is"
            return provider_pb2.CheckResponse(
                failures=[provider_pb2.CheckFailure(property="", reason=reason)]
            )
        given = to_plain(request.news)
        name = request.name or request.urn.rsplit("::", 1)[-1]
        inputs = checked(type_, name, request.randomSeed, to_plain(request.olds), given)
        found = self.refusals(type_, bare(given)) or self.refusals(type_, bare(inputs))
        failures = [
            provider_pb2.CheckFailure(property=field, reason=f"{field} {reason}") for field, reason in found
        ]
        return provider_pb2.CheckResponse(inputs=to_struct(hidden(type_, inputs)), failures=failures)

    def refusals(self, type_: str, inputs: Properties) -> list[schema.Failure]:
        """What is wrong with inputs: by the real provider's tables, and then by what the region knows."""
        found = schema.check(type_, inputs)
        return found or (self.checks[type_].check(inputs) if type_ in self.checks else [])

    def Diff(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        type_ = request.type or _type(request.urn)
        news = to_plain(request.news)
        found = [
            difference
            for difference in differences.differences(type_, to_plain(request.olds), news)
            if difference.top not in request.ignoreChanges and difference.path not in request.ignoreChanges
        ]
        kinds = provider_pb2.PropertyDiff.Kind
        replaced = sorted({difference.top for difference in found if difference.replaces})
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=sorted({difference.top for difference in found}),
            replaces=replaced,
            stables=sorted(traits.replaces(type_) - set(replaced)),
            deleteBeforeReplace=bool(replaced) and differences.replaced_first(type_, news),
            hasDetailedDiff=True,
            detailedDiff={
                difference.path: provider_pb2.PropertyDiff(
                    kind=kinds.Value(difference.kind + ("_REPLACE" if difference.replaces else ""))
                )
                for difference in found
            },
        )

    def Create(
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        if request.preview:
            made = foreseen.created(_type(request.urn), bare(to_plain(request.properties)))
            return provider_pb2.CreateResponse(properties=to_struct(made))

        def create() -> provider_pb2.CreateResponse:
            resource = self._resource(request)
            inputs = bare(to_plain(request.properties))
            resource.open()
            id_ = resource.id_for(request.urn, inputs)
            kept = self.region.records.get(resource.type, id_)
            now = resource.read(id_, kept.outputs) if kept else None
            if kept and now is None:
                # Something took it away, or a run was killed before it was laid. What comes in its place is another
                # thing, with an id of its own, and finds that place free: port, name, share of a quota.
                resource.delete(id_, kept.outputs)
                id_ = resource.id_after(id_, request.urn, inputs)
                self.region.records.drop(resource.type, kept.id)
            if kept is None or now is None:
                computed = resource.create(id_, inputs)
            elif now == kept.outputs and kept.inputs == inputs:
                # Made before, by a run that was killed before the engine wrote it down.
                computed = now
            else:
                # The same, and the program or the thing itself has changed since.
                computed = resource.update(id_, now, inputs)
            outputs = {**computed, **inputs}
            self.region.records.put(Record(id_, resource.type, request.urn, inputs, outputs))
            resource.settled(outputs)
            return provider_pb2.CreateResponse(id=id_, properties=to_struct(outputs))

        return self._answer(request, context, create)

    def Read(
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        def read() -> provider_pb2.ReadResponse:
            resource = self._resource(request)
            record = self.region.records.get(resource.type, request.id) or self._adopt(resource, request)
            if record is None:
                return provider_pb2.ReadResponse()
            state = bare(to_plain(request.properties)) or record.outputs
            outputs = resource.read(request.id, state)
            if outputs is None:
                return provider_pb2.ReadResponse()
            asked = to_plain(request.inputs)
            # An import asks for nothing yet: then it is what the thing was made with.
            wanted = asked or record.inputs
            inputs = {
                name: as_given(asked.get(name), outputs[name])
                for name in schema.fields(resource.type)
                if name in outputs and (name in wanted or outputs[name] != state.get(name))
            }
            if DEFAULTS in asked:
                inputs[DEFAULTS] = asked[DEFAULTS]
            return provider_pb2.ReadResponse(
                id=request.id, properties=to_struct(outputs), inputs=to_struct(inputs)
            )

        return self._answer(request, context, read)

    def Update(
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        if request.preview:
            changed = foreseen.updated(
                _type(request.urn), bare(to_plain(request.olds)), bare(to_plain(request.news))
            )
            return provider_pb2.UpdateResponse(properties=to_struct(changed))

        def update() -> provider_pb2.UpdateResponse:
            resource = self._resource(request)
            old, new = bare(to_plain(request.olds)), bare(to_plain(request.news))
            outputs = {**new, **resource.update(request.id, old, new)}
            self.region.records.put(Record(request.id, resource.type, request.urn, new, outputs))
            resource.settled(outputs)
            return provider_pb2.UpdateResponse(properties=to_struct(outputs))

        return self._answer(request, context, update)

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        def delete() -> empty_pb2.Empty:
            resource = self._resource(request)
            resource.delete(request.id, to_plain(request.properties))
            self.region.records.drop(resource.type, request.id)
            resource.settled(to_plain(request.properties))
            return empty_pb2.Empty()

        return self._answer(request, context, delete)

    def _adopt(self, resource: Resource, request: provider_pb2.ReadRequest) -> Record | None:
        """Take something on record that was made by other means; an import asks for it, without any state."""
        adopted = None if to_plain(request.properties) else resource.adopt(request.id)
        if adopted is None:
            return None
        given, outputs = adopted
        # A program that says no more than what is there is told no difference for what Check fills in.
        inputs = bare(checked(resource.type, request.id, b"", {}, given))
        record = Record(request.id, resource.type, request.urn, inputs, {**outputs, **inputs})
        self.region.records.put(record)
        return record

    def _resource(self, request: Any) -> Resource:
        return self.resources[_type(request.urn)]

    def _answer(self, request: Any, context: grpc.ServicerContext, act: Callable[[], T]) -> T:
        name = request.urn.rsplit("::", 1)[-1]
        try:
            return act()
        except (RegionError, OSError) as error:
            end = advice(error, self.region.settings.root)
            said = f"{error}\n{end}" if end else str(error)
            log.error("%s: %s", name, said, exc_info=isinstance(error, OSError))
            context.abort(grpc.StatusCode.UNKNOWN, said)
        except Exception as error:
            # The engine shows a message, not a traceback; the traceback belongs in the log.
            log.exception("%s", name)
            context.abort(
                grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error} (a defect of the local region)"
            )
        raise AssertionError("abort raises")


def _type(urn: str) -> str:
    """The type token in a URN, without its parents' (`urn:pulumi:stack::project::parent$type::name`)."""
    return urn.split("::")[2].rpartition("$")[2]


@contextlib.contextmanager
def serve(
    settings: RegionSettings | None, log_file: Path | None = None, *, fast: bool = False
) -> Iterator[int]:
    """Serve the region on a port of 127.0.0.1, which is yielded, until the block ends.

    `fast` makes nothing on the machine: for plans and for tests of the program. So does a provider without a region.
    """
    if log_file:
        handler = logging.FileHandler(log_file)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
        log.propagate = False
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32, thread_name_prefix="region"))
    folder = tempfile.TemporaryDirectory(prefix="region-") if fast or settings is None else None
    provider = LocalProvider(settings, Path(folder.name) if folder else None)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        stopped: threading.Event = server.stop(grace=5)
        stopped.wait()
        if folder:
            folder.cleanup()
