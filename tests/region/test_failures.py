"""What the region says when the machine or a service fails it, and that it goes on afterwards."""

import contextlib
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2_grpc

from region.errors import RegionError
from region.provider import serve
from region.resources.instance import Instance
from region.resources.redis import Instance as Redis
from region.services import daemon
from tests.region.conftest import Lab, laboratory, settings_for
from tests.region.test_provider import create

pytestmark = [pytest.mark.region, pytest.mark.slow]

SMALL = settings_for("rsmall", 4)


def test_a_full_disk_is_said_in_clear_words_and_an_emptied_one_goes_on(images: None) -> None:
    with (
        laboratory(SMALL, disk=100) as lab,
        serve(SMALL) as port,
        grpc.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        provider: Any = provider_pb2_grpc.ResourceProviderStub(channel)
        filler = SMALL.root / "hosts/filler"
        with contextlib.suppress(OSError), filler.open("wb") as file:
            while True:
                file.write(bytes(2**16))
        with pytest.raises(grpc.RpcError) as failed:
            create(provider, Instance.type, "full", lab.instance_inputs("full"))
        assert "the disk is full: free some space" in failed.value.details()
        filler.unlink()
        made = create(provider, Instance.type, "full", lab.instance_inputs("full"))
        assert lab.region.is_running(made.id)


def test_a_service_that_does_not_come_up_is_told_with_its_last_lines(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    from region.services import redis_config

    monkeypatch.setattr(redis_config, "config", lambda settings: "port 6379\nno-such-word yes\n")
    inputs = {"instanceName": "broken", "memSize": 1024, "password": "Region-test-1", "typeId": 8}
    with pytest.raises(RegionError) as failed:
        lab.make(Redis, "broken", {**inputs, **lab.network, "availabilityZone": "ap-guangzhou-3"})
    said = str(failed.value)
    assert "redis-server.service is not running" in said
    assert "no-such-word" in said
    monkeypatch.undo()
    id_, _ = lab.make(Redis, "broken", {**inputs, **lab.network, "availabilityZone": "ap-guangzhou-3"})
    daemon.check(lab.region.host(id_), "redis-server.service")
