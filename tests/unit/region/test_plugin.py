"""The provider as a process of its own, as the engine and outside probes start it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from region.plugin import settings
from region.settings import RegionSettings
from region.wire import to_struct
from tests.unit.region.provider_calls import check, diff, of_kind, urn

ROOT = Path(__file__).resolve().parents[3]
VPC = of_kind("Vpc/instance")


@pytest.fixture(scope="module")
def plugin() -> Iterator[Any]:
    """The plugin, started with the engine's address as engines do, and stopped by a signal as engines do."""
    argv = [sys.executable, "-W", "ignore", "-m", "region.plugin", "127.0.0.1:1"]
    process = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    try:
        assert process.stdout is not None
        port = process.stdout.readline()
        assert port.strip().isdigit()
        with grpc.insecure_channel(f"127.0.0.1:{int(port)}") as channel:
            yield provider_pb2_grpc.ResourceProviderStub(channel)
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == "", "nothing but the port is printed"
        assert process.wait() == 0
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def test_it_says_which_provider_it_stands_for(plugin: Any) -> None:
    assert plugin.GetPluginInfo(empty_pb2.Empty()).version == "0.2.3"


def test_its_configuration_is_taken(plugin: Any) -> None:
    asked = to_struct({"region": "ap-guangzhou", "secretId": "x"})
    assert plugin.CheckConfig(provider_pb2.CheckRequest(news=asked)).inputs == asked
    same = provider_pb2.DiffRequest(olds=asked, news=asked)
    assert plugin.DiffConfig(same).changes == provider_pb2.DiffResponse.DIFF_NONE
    assert not plugin.Configure(provider_pb2.ConfigureRequest(args=asked)).acceptSecrets


def test_it_checks_and_compares_without_a_region(plugin: Any) -> None:
    inputs, failures = check(plugin, VPC, {"name": "main", "cidrBlock": "172.16.0.0/16"})
    assert failures == {}
    assert inputs["cidrBlock"] == "172.16.0.0/16"
    assert check(plugin, VPC, {"name": "main"})[1] == {"cidrBlock": "cidrBlock is required"}
    answer = diff(plugin, VPC, inputs, {**inputs, "cidrBlock": "10.0.0.0/16"})
    assert list(answer.replaces) == ["cidrBlock"]
    assert diff(plugin, VPC, inputs, inputs).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_what_is_created_is_only_kept_on_record(plugin: Any) -> None:
    made = plugin.Create(
        provider_pb2.CreateRequest(
            urn=urn(VPC), properties=to_struct({"name": "main", "cidrBlock": "172.16.0.0/16"})
        )
    )
    assert made.id.startswith("vpc-")
    there = provider_pb2.ReadRequest(id=made.id, urn=urn(VPC), properties=made.properties)
    assert plugin.Read(there).id == made.id
    plugin.Delete(provider_pb2.DeleteRequest(id=made.id, urn=urn(VPC), properties=made.properties))
    assert plugin.Read(there).id == ""


def test_a_preview_makes_nothing(plugin: Any) -> None:
    asked = to_struct({"name": "planned", "cidrBlock": "172.17.0.0/16"})
    request = provider_pb2.CreateRequest(urn=urn(VPC, "planned"), properties=asked, preview=True)
    assert plugin.Create(request).id == ""
    with pytest.raises(grpc.RpcError) as caught:
        # An engine that is answered this takes it that creations can be previewed.
        plugin.Handshake(provider_pb2.ProviderHandshakeRequest())
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


REGION = {
    "--name": "lab",
    "--cidr": "10.9.0.0/16",
    "--public-cidr": "10.9.240.0/20",
    "--operator-address": "10.9.255.1",
}


def test_a_region_is_named_by_options_or_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    given = [word for option in REGION.items() for word in option]
    assert settings(given)[0] == RegionSettings(*REGION.values())
    assert settings(given)[1] is False
    assert settings([*given, "--fast"])[1] is True
    monkeypatch.setenv("SHOPCTL_REGION_CIDR", "10.0.0.0/8")
    assert settings(given)[0] == RegionSettings(*REGION.values())
    without = [word for option in REGION.items() if option[0] != "--cidr" for word in option]
    assert settings(without)[0] == replace(RegionSettings(*REGION.values()), cidr="10.0.0.0/8")
    monkeypatch.delenv("SHOPCTL_REGION_CIDR")
    assert settings([]) == (None, True)


def test_half_a_region_is_refused_with_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        settings(["--name", "lab", "--cidr", "10.9.0.0/16"])
    assert "needs --public-cidr, --operator-address too" in capsys.readouterr().err


def test_a_region_that_makes_no_sense_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {**REGION, "--public-cidr": "192.168.0.0/16"}
    with pytest.raises(SystemExit, match="2"):
        settings([word for option in wrong.items() for word in option])
    assert "public range 192.168.0.0/16 is not inside" in capsys.readouterr().err
