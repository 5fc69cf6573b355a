"""The provider that the Pulumi engine speaks to: `tencentcloud`, realised by the local region.

The engine finds it by PULUMI_DEBUG_PROVIDERS=tencentcloud:PORT. Which region it serves is the process's choice, not the
program's, so that the program is the same for every region.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from region import schema
from region.errors import RegionError
from region.records import Record
from region.region import Region
from region.resources import RESOURCES
from region.resources.base import Properties, Resource
from region.settings import RegionSettings

VERSION = "0.2.3"
log = logging.getLogger("region")
T = TypeVar("T")


def to_plain(struct: struct_pb2.Struct) -> Properties:
    """A gRPC struct as plain data; whole numbers become ints, as JSON has them."""
    plain: Properties = _whole(json_format.MessageToDict(struct))
    return plain


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def to_struct(properties: Properties) -> struct_pb2.Struct:
    """Plain data as a gRPC struct."""
    struct = struct_pb2.Struct()
    struct.update(properties)
    return struct


def _without_defaults(inputs: Properties) -> Properties:
    return {name: value for name, value in inputs.items() if name != "__defaults" and value is not None}


class LocalProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine; each call is one resource's."""

    def __init__(self, settings: RegionSettings) -> None:
        self.region = Region(settings)
        self.resources: dict[str, Resource] = {kind.type: kind(self.region) for kind in RESOURCES}

    # Provider

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=VERSION)

    def Attach(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ConfigureResponse:
        return provider_pb2.ConfigureResponse(
            acceptSecrets=False, supportsPreview=False, acceptResources=False
        )

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    # Resources

    def Check(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        type_ = request.type or _type(request.urn)
        inputs = to_plain(request.news)
        resource = self.resources.get(type_)
        if resource is None:
            reason = f"{type_} is not realised by the local region; region/resources/ lists what is"
            return provider_pb2.CheckResponse(
                failures=[provider_pb2.CheckFailure(property="", reason=reason)]
            )
        found = schema.check(type_, inputs)
        if not found:
            found = resource.check(inputs)
        failures = [
            provider_pb2.CheckFailure(property=name, reason=f"{name} {reason}") for name, reason in found
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Diff(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        type_ = request.type or _type(request.urn)
        old, new = to_plain(request.old_inputs), to_plain(request.news)
        if not request.HasField("old_inputs"):
            old = to_plain(request.olds)
        changed = schema.changed(type_, _without_defaults(old), _without_defaults(new))
        replaced = [name for name in changed if name in schema.replaces(type_)]
        kinds = provider_pb2.PropertyDiff
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=replaced,
            hasDetailedDiff=bool(changed),
            detailedDiff={
                name: kinds(kind=kinds.UPDATE_REPLACE if name in replaced else kinds.UPDATE, inputDiff=True)
                for name in changed
            },
        )

    def Create(
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        def create() -> provider_pb2.CreateResponse:
            resource = self._resource(request)
            inputs = _without_defaults(to_plain(request.properties))
            self.region.open()
            id_ = resource.id_for(request.urn, inputs)
            kept = self.region.records.get(resource.type, id_)
            now = resource.read(id_, kept.outputs) if kept else None
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
            state = to_plain(request.properties) or record.outputs
            outputs = resource.read(request.id, state)
            if outputs is None:
                return provider_pb2.ReadResponse()
            inputs = {
                name: outputs[name]
                for name in schema.fields(resource.type)
                if name in outputs and (name in record.inputs or outputs[name] != state.get(name))
            }
            return provider_pb2.ReadResponse(
                id=request.id, properties=to_struct(outputs), inputs=to_struct(inputs)
            )

        return self._answer(request, context, read)

    def Update(
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        def update() -> provider_pb2.UpdateResponse:
            resource = self._resource(request)
            old, new = to_plain(request.olds), _without_defaults(to_plain(request.news))
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
        inputs, outputs = adopted
        record = Record(request.id, resource.type, request.urn, inputs, {**outputs, **inputs})
        self.region.records.put(record)
        return record

    def _resource(self, request: Any) -> Resource:
        return self.resources[_type(request.urn)]

    def _answer(self, request: Any, context: grpc.ServicerContext, act: Callable[[], T]) -> T:
        name = request.urn.rsplit("::", 1)[-1]
        try:
            return act()
        except RegionError as error:
            log.error("%s: %s", name, error)
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
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
def serve(settings: RegionSettings, log_file: Path | None = None) -> Iterator[int]:
    """Serve the region on a port of 127.0.0.1, which is yielded, until the block ends."""
    if log_file:
        handler = logging.FileHandler(log_file)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
        log.propagate = False
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32, thread_name_prefix="region"))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(LocalProvider(settings), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        stopped: threading.Event = server.stop(grace=5)
        stopped.wait()
