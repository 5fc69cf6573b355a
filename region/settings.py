"""What a local region is called and which addresses it has."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

REGIONS_ROOT = Path("/var/lib/shopctl/regions")

NAME = re.compile(r"[a-z][a-z0-9]{0,9}")
"""Interface names hold 15 characters (Linux IFNAMSIZ - 1) and carry the region's name, hence the ten."""


@dataclass(frozen=True)
class RegionSettings:
    """One local region.

    `cidr` is everything that the region may use; the machine sends packets for it to the region and nowhere else.
    `public_cidr`, inside it, stands for the internet: balancers, the object store and the CDN have addresses there.
    `operator_address` is the machine's own address in the region.
    """

    name: str
    cidr: str
    public_cidr: str
    operator_address: str
    cloud_region: str = "ap-guangzhou"

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"region name {self.name!r}: a letter, then at most 9 letters or digits")
        if not self.public.subnet_of(self.network):
            raise ValueError(f"public range {self.public_cidr} is not inside the region's {self.cidr}")
        if self.operator not in self.network:
            raise ValueError(
                f"operator address {self.operator_address} is not inside the region's {self.cidr}"
            )

    @property
    def network(self) -> IPv4Network:
        return IPv4Network(self.cidr)

    @property
    def public(self) -> IPv4Network:
        return IPv4Network(self.public_cidr)

    @property
    def operator(self) -> IPv4Address:
        return IPv4Address(self.operator_address)

    @property
    def gateway(self) -> IPv4Address:
        """The region's end of the link to the machine."""
        return self.operator + 1

    @property
    def root(self) -> Path:
        return REGIONS_ROOT / self.name

    @property
    def storage_name(self) -> str:
        """The public name of the object store, as Tencent Cloud forms it."""
        return f"cos.{self.cloud_region}.myqcloud.com"


WECHAT_NAMES = ("api.weixin.qq.com", "api.mch.weixin.qq.com", "api2.mch.weixin.qq.com")
"""The public names of WeChat and WeChat Pay."""

REGISTRY_DOMAIN = "tencentcloudcr.com"
"""What the public names of TCR's instances end in."""


def public_address(settings: RegionSettings, slot: int) -> str:
    """The `slot`-th address of the public range."""
    return str(settings.public.network_address + slot)


STORAGE_SLOT = 2
WECHAT_SLOT = 3
BALANCER_SLOTS = range(10, 20)
CDN_SLOTS = range(20, 40)
EIP_SLOTS = range(40, 60)
REGISTRY_SLOTS = range(60, 70)
