"""What an instance type's name says, what Check refuses, and what a look at an instance tells."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from region import cgroups, host_limits, images, schema
from region.catalogue import size_of, type_problem, zone_problem
from region.host_files import Host
from region.host_limits import Limits
from region.records import Record
from region.region import Region
from region.resources.instance import Instance
from region.resources.instance_state import Seen, drifted
from region.settings import RegionSettings

SUBNET = {"cidrBlock": "10.92.11.0/24", "vpcId": "vpc-1", "availabilityZone": "ap-guangzhou-3"}
ASKED: dict[str, Any] = {
    "availabilityZone": "ap-guangzhou-3",
    "imageId": "img-host",
    "instanceType": "S5.SMALL1",
    "vpcId": "vpc-1",
    "subnetId": "subnet-1",
    "hostname": "web-1",
    "keyIds": ["skey-1"],
    "orderlySecurityGroups": ["sg-1", "sg-2"],
    "runningFlag": True,
}
HOST = Host(
    "ins-1", "web-1", "instance", "host-1", "vpc-1", ("10.92.11.4",), "10.92.0.2", groups=("sg-1", "sg-2")
)
OUTPUTS = {**ASKED, "instanceStatus": "RUNNING", "privateIp": "10.92.11.4"}
SEEN = Seen(HOST, True, "web-1", ("skey-1",), Limits(1, 1024))


@pytest.mark.parametrize(
    ("type_", "size"),
    [
        ("S5.MEDIUM2", (2, 2)),
        ("S1.SMALL1", (1, 1)),
        ("SA2.LARGE16", (4, 16)),
        ("S5.2XLARGE16", (8, 16)),
        (None, (1, 1)),
    ],
)
def test_cores_and_memory_stand_in_the_name(type_: str | None, size: tuple[int, int]) -> None:
    assert size_of(type_) == size


def test_the_catalogue_is_the_programs_too() -> None:
    from infra.places import INSTANCE_FAMILIES, ZONE_NUMBERS, region_of

    assert [type_problem(f"{family}.MEDIUM2") for family in INSTANCE_FAMILIES] == [None] * len(
        INSTANCE_FAMILIES
    )
    assert [zone_problem(zone, region_of(zone)) for zone in ZONE_NUMBERS] == [None] * len(ZONE_NUMBERS)


@pytest.fixture
def region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Region:
    """A region on record only, with one subnet."""
    monkeypatch.setattr("region.settings.REGIONS_ROOT", tmp_path)
    monkeypatch.setenv("SHOPCTL_CACHE_DIR", str(tmp_path / "cache"))
    region = Region(RegionSettings("r", "10.92.0.0/16", "10.92.240.0/20", "10.92.255.1"))
    region.records.put(Record("subnet-1", "tencentcloud:Subnet/instance:Instance", "urn", SUBNET, SUBNET))
    return region


REFUSED = [
    ("instanceType", "S5.HUGE2", "not an instance type that exists: 'S5.HUGE2'"),
    ("instanceType", "Q9.MEDIUM2", "not an instance type that exists: 'Q9.MEDIUM2'"),
    ("imageId", "img-nope", "not an image of this region: 'img-nope'; it has img-host"),
    ("availabilityZone", "ap-shanghai-2", "has to be a zone of ap-guangzhou"),
    ("availabilityZone", "ap-guangzhou-4", "is ap-guangzhou-4, and subnet subnet-1 is in ap-guangzhou-3"),
    ("subnetId", "subnet-2", "does not exist in region r: 'subnet-2'"),
    ("subnetId", None, "is required"),
    ("privateIp", "10.92.12.4", "10.92.12.4 is not within the subnet's 10.92.11.0/24"),
    ("privateIp", "10.92.11.1", "no host gets"),
    ("privateIp", "x", "is not an IPv4 address"),
    ("placementGroupId", "ps-1", "does not exist in region r: 'ps-1'"),
    ("dataDisks", [{"dataDiskType": "CLOUD_SSD", "dataDiskSize": 10}], "use Cbs/storage"),
]


def test_what_will_do_is_taken(region: Region) -> None:
    resource = Instance(region)
    assert resource.check(ASKED) == []
    assert resource.check({**ASKED, "privateIp": "10.92.11.50"}) == []
    assert resource.check({**ASKED, "subnetId": schema.UNKNOWN, "vpcId": schema.UNKNOWN}) == []


@pytest.mark.parametrize(("name", "value", "reason"), REFUSED)
def test_what_will_not_do_is_refused_by_its_name(region: Region, name: str, value: Any, reason: str) -> None:
    found = Instance(region).check({**ASKED, name: value})
    assert [field for field, _ in found] == [name]
    assert reason in found[0][1]


def test_a_vpc_that_is_not_the_subnets_is_refused(region: Region) -> None:
    assert Instance(region).check({**ASKED, "vpcId": "vpc-2"}) == [
        ("subnetId", "subnet-1 is a subnet of vpc-1, not of vpc-2")
    ]


@pytest.fixture
def controllers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A machine of four cores with both controllers."""
    found = {"memory": Path("/nowhere"), "cpu": Path("/nowhere")}
    monkeypatch.setattr(cgroups, "controllers", lambda: found)
    monkeypatch.setattr(host_limits, "machine_cores", lambda: 4)
    return found


@pytest.mark.usefixtures("controllers")
def test_what_has_not_drifted_reads_as_it_was_asked() -> None:
    assert drifted(OUTPUTS, SEEN) == OUTPUTS


DRIFTS: list[tuple[Seen, dict[str, Any]]] = [
    (
        replace(SEEN, running=False, hostname="", limits=None),
        {"runningFlag": False, "instanceStatus": "STOPPED"},
    ),
    (replace(SEEN, hostname="hacked"), {"hostname": "hacked"}),
    (replace(SEEN, keys=("skey-1", "ssh-rsa AAAA me")), {"keyIds": ["skey-1", "ssh-rsa AAAA me"]}),
    (replace(SEEN, keys=()), {"keyIds": []}),
    (replace(SEEN, host=replace(HOST, groups=("sg-2",))), {"orderlySecurityGroups": ["sg-2"]}),
    (replace(SEEN, limits=Limits(1, 512)), {"instanceType": "S5.SMALL1 with 1 cores and 512 MiB"}),
    (replace(SEEN, limits=Limits(0, 1024)), {"instanceType": "S5.SMALL1 with all cores and 1024 MiB"}),
]


@pytest.mark.usefixtures("controllers")
@pytest.mark.parametrize(("seen", "changed"), DRIFTS)
def test_each_drift_shows_in_an_input(seen: Seen, changed: dict[str, Any]) -> None:
    now = drifted(OUTPUTS, seen)
    assert {name: value for name, value in now.items() if value != OUTPUTS.get(name)} == changed


@pytest.mark.usefixtures("controllers")
def test_a_stopped_one_that_was_asked_to_be_is_no_drift_and_one_that_runs_is() -> None:
    stopped = {**OUTPUTS, "runningFlag": False, "instanceStatus": "STOPPED"}
    assert drifted(stopped, replace(SEEN, running=False, hostname="", limits=None)) == stopped
    assert drifted(stopped, SEEN)["runningFlag"] is True


def test_a_machine_that_is_too_small_says_so_and_limits_nothing(controllers: dict[str, Path]) -> None:
    assert host_limits.refusals(Limits(8, 2048)) == ["8 cores were asked for and the machine has 4"]
    assert host_limits.effective(Limits(8, 2048)) == Limits(0, 2048)
    assert host_limits.effective(Limits(4, 2048)) == Limits(0, 2048)
    assert host_limits.effective(Limits(2, 2048)) == Limits(2, 2048)
    controllers.clear()
    assert host_limits.effective(Limits(2, 2048)) == Limits()
    assert [text.split(":")[0] for text in host_limits.refusals(Limits(2, 2048))] == [
        "memory is not limited to 2048 MiB",
        "cores are not limited to 2",
    ]


def test_a_damaged_image_is_named_with_the_way_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPCTL_CACHE_DIR", str(tmp_path))
    home = tmp_path / "images" / "host-0a1b"
    root = home / "root"
    (root / "usr/lib/systemd").mkdir(parents=True)
    (root / images.INIT).touch()
    raw = f'{{"name": "host", "digest": "0a1b", "layers": ["{root}"], "built": "", "size": 1}}'
    (home / "image.json").write_text(raw)
    assert images.layers("host-0a1b") == (root,)
    (root / images.INIT).unlink()
    with pytest.raises(images.RegionError, match=r"(?s)host-0a1b.*damaged.*shopctl image bake host"):
        images.layers("host-0a1b")
    (home / "image.json").write_text(raw[:20])
    with pytest.raises(images.RegionError, match=r"(?s)host-0a1b.*damaged.*shopctl image bake host"):
        images.layers("host-0a1b")
