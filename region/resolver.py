"""A VPC's resolver: a host with dnsmasq, which answers private names and the region's own public ones.

It forwards nothing: a name that the region doesn't know does not exist in it, and no query leaves the machine.
"""

from collections.abc import Iterable
from ipaddress import IPv4Network

from region import settings
from region.hosts import Host
from region.records import Record
from region.region import Region

ZONE = "tencentcloud:PrivateDns/zone:Zone"
RECORD = "tencentcloud:PrivateDns/record:Record"
CDN = "tencentcloud:Cdn/domain:Domain"
RECORDS_FILE = "/etc/dnsmasq.d/records.conf"

# With an interface named, dnsmasq answers everybody on it; else Debian's `--local-service` would answer its own subnet
# only, and a host's subnet here is its one address.
BASE = """\
no-resolv
no-hosts
interface=eth0
bind-dynamic
port=53
domain-needed
cache-size=0
# Whatever is not named below does not exist in the region.
address=/#/
log-facility=-
"""


def host_id(vpc_id: str) -> str:
    return f"dns-{vpc_id.removeprefix('vpc-')}"


def create(region: Region, vpc_id: str, cidr: str) -> None:
    """Boot the resolver of a VPC."""
    address = str(IPv4Network(cidr).network_address + 2)
    name = f"dns-{region.name}"
    host = Host(host_id(vpc_id), name, "resolver", "managed", vpc_id, (address,), "127.0.0.1")
    control = region.prepare(host)
    control.write("/etc/dnsmasq.d/region.conf", BASE)
    control.write(RECORDS_FILE, _text(region, vpc_id))
    # Each new record is a restart, and a stack has a dozen of them within a few seconds.
    control.write("/etc/systemd/system/dnsmasq.service.d/limit.conf", "[Unit]\nStartLimitIntervalSec=0\n")
    control.enable("dnsmasq")
    region.refresh_firewall(vpc_id)
    control.boot()


def delete(region: Region, vpc_id: str) -> None:
    """Remove the resolver of a VPC."""
    region.remove_host(host_id(vpc_id))


def refresh(region: Region) -> None:
    """Bring every resolver in line with the records."""
    for vpc in region.records.all("tencentcloud:Vpc/instance:Instance"):
        with region.locked(f"resolver-{vpc.id}"):
            text = _text(region, vpc.id)
            control = region.host(host_id(vpc.id))
            if (control.root / RECORDS_FILE.lstrip("/")).read_text() != text:
                control.write(RECORDS_FILE, text)
                if not control.leader():
                    continue  # it reads them when it boots
                # A reload reads hosts files only; records in the configuration need a restart (dnsmasq(8)).
                control.run(["systemctl", "restart", "dnsmasq"])


def _text(region: Region, vpc_id: str) -> str:
    zones = [zone for zone in region.records.all(ZONE) if vpc_id in attached(zone)]
    public = {region.settings.storage_name: settings.public_address(region.settings, settings.STORAGE_SLOT)}
    public |= {
        record.inputs["domain"]: region.host(record.id).host.address for record in region.records.all(CDN)
    }
    return lines(zones, region.records.all(RECORD), public)


def attached(zone: Record) -> set[str]:
    """The VPCs that a private zone answers in."""
    return {vpc["uniqVpcId"] for vpc in zone.inputs.get("vpcSets") or []}


def lines(zones: Iterable[Record], records: Iterable[Record], public: dict[str, str]) -> str:
    """Pure: dnsmasq's configuration. `public` maps a name to its address; names under it answer the same."""
    # `local` beside `address`, so that a question for the other family is answered by "none" and not refused.
    text: list[str] = []
    for name, address in sorted(public.items()):
        text += [f"address=/{name}/{address}", f"local=/{name}/"]
    records = sorted(records, key=lambda record: (record.inputs["subDomain"], record.id))
    for zone in zones:
        domain = zone.inputs["domain"]
        text.append(f"local=/{domain}/")
        for record in records:
            if record.inputs["zoneId"] == zone.id and record.inputs.get("status", "enabled") == "enabled":
                text += _record(domain, record)
    return "\n".join(text) + "\n"


def _record(domain: str, record: Record) -> list[str]:
    sub, value, ttl = record.inputs["subDomain"], record.inputs["recordValue"], record.inputs.get("ttl", 600)
    name = domain if sub == "@" else f"{sub}.{domain}"
    match record.inputs["recordType"]:
        case "A":
            return [f"host-record={name},{value},{ttl}"]
        case "CNAME":
            return [f"cname={name},{value},{ttl}"]
        case "TXT":
            return [f'txt-record={name},"{value}"']
        case _:
            return []
