"""What Check refuses of an instance beyond the tables."""

from ipaddress import IPv4Address, IPv4Network

from region import catalogue, images, schema
from region.region import RESERVED, Region
from region.resources.base import Properties

SUBNET = "tencentcloud:Subnet/instance:Instance"
GROUP = "tencentcloud:Placement/group:Group"
REQUIRED = {
    "imageId": "is required: launch templates are not realised by the local region",
    "vpcId": "is required: the local region has no default network",
    "subnetId": "is required: the local region has no default network",
}


def failures(region: Region, inputs: Properties) -> list[schema.Failure]:
    """The fields that won't do, with the reason. What isn't known yet is passed over."""
    found = [(name, reason) for name, reason in REQUIRED.items() if not inputs.get(name)]
    if inputs.get("dataDisks"):
        found.append(("dataDisks", "is not realised by the local region: use Cbs/storage and its attachment"))
    given = {name: value for name, value in inputs.items() if value not in (None, "", schema.UNKNOWN)}
    if "availabilityZone" in given and (
        problem := catalogue.zone_problem(given["availabilityZone"], region.settings.cloud_region)
    ):
        found.append(("availabilityZone", problem))
    if "instanceType" in given and (problem := catalogue.type_problem(given["instanceType"])):
        found.append(("instanceType", problem))
    if "imageId" in given and not images.is_known(given["imageId"], region.images):
        known = ", ".join(images.known(region.images))
        found.append(("imageId", f"is not an image of this region: {given['imageId']!r}; it has {known}"))
    return found or _placed(region, given)


def _placed(region: Region, given: Properties) -> list[schema.Failure]:
    """Whether the subnet, the address and the placement group fit."""
    found: list[schema.Failure] = []
    group = given.get("placementGroupId")
    if group and region.records.get(GROUP, group) is None:
        found.append(("placementGroupId", f"does not exist in region {region.name}: {group!r}"))
    if "subnetId" not in given:
        return found
    subnet = region.records.get(SUBNET, given["subnetId"])
    if subnet is None:
        return [*found, ("subnetId", f"does not exist in region {region.name}: {given['subnetId']!r}")]
    if given.get("vpcId", subnet.inputs["vpcId"]) != subnet.inputs["vpcId"]:
        found.append(
            ("subnetId", f"{subnet.id} is a subnet of {subnet.inputs['vpcId']}, not of {given['vpcId']}")
        )
    zone = subnet.inputs.get("availabilityZone")
    if given.get("availabilityZone", zone) != zone:
        found.append(
            ("availabilityZone", f"is {given['availabilityZone']}, and subnet {subnet.id} is in {zone}")
        )
    if "privateIp" in given and (problem := _address(given["privateIp"], subnet.inputs["cidrBlock"])):
        found.append(("privateIp", problem))
    return found


def _address(text: str, cidr: str) -> str | None:
    network = IPv4Network(cidr)
    try:
        address = IPv4Address(text)
    except ValueError:
        return f"is not an IPv4 address: {text!r}"
    if address not in network:
        return f"{text} is not within the subnet's {cidr}"
    if int(address) - int(network.network_address) < RESERVED - 1 or address == network.broadcast_address:
        return f"{text} is one of the addresses of {cidr} that no host gets"
    return None
