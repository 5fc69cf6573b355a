"""A VPC's resolver: a host with dnsmasq, which answers private names and the region's own public ones.

It forwards nothing: a name that the region doesn't know does not exist in it, and no query leaves the machine.
WeChat's host, which is in no VPC, has one of its own that answers public names only.
"""

from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from region import resolver_names, settings
from region.hosts import Host, HostControl
from region.region import Region
from region.resolver_names import Answers
from region.wechat import account

VPC = "tencentcloud:Vpc/instance:Instance"
CDN, REGISTRY = resolver_names.CDN, resolver_names.REGISTRY
OUTSIDE = "wechat"
"""The id of the one host outside of every VPC that asks for public names."""
RECORDS_FILE = "/etc/dnsmasq.d/records.conf"

# With an interface named, dnsmasq answers everybody on it; else Debian's `--local-service` would answer its own subnet
# only, and a host's subnet here is its one address.
BASE = """\
no-resolv
no-hosts
interface={interface}
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
    furnish(region, control, vpc_id, interface="eth0")
    region.refresh_firewall(vpc_id)
    control.boot()


def furnish(region: Region, control: HostControl, vpc_id: str, *, interface: str) -> None:
    """Have a host that is about to boot answer what a VPC knows, and the public names only where there is none."""
    control.write("/etc/dnsmasq.d/region.conf", BASE.format(interface=interface))
    control.write(RECORDS_FILE, _text(region, vpc_id))
    # Each new record is a restart, and a stack has a dozen of them within a few seconds.
    control.write("/etc/systemd/system/dnsmasq.service.d/limit.conf", "[Unit]\nStartLimitIntervalSec=0\n")
    control.enable("dnsmasq")


def delete(region: Region, vpc_id: str) -> None:
    """Remove the resolver of a VPC."""
    region.remove_host(host_id(vpc_id))


def mend(region: Region, vpc_id: str, cidr: str) -> None:
    """Have the resolver of a VPC run: booted where it is down, made where it is gone."""
    if region.has_host(host_id(vpc_id)):
        region.host(host_id(vpc_id)).boot()
    else:
        create(region, vpc_id, cidr)


def refresh(region: Region) -> None:
    """Bring every resolver in line with the records, and have it answer."""
    for vpc in region.records.all(VPC):
        with region.locked(f"resolver-{vpc.id}"):
            _refresh(region, vpc.id, host_id(vpc.id))
    with region.locked("resolver-outside"):
        if region.has_host(OUTSIDE):
            _refresh(region, "", OUTSIDE)


def _refresh(region: Region, vpc_id: str, host: str) -> None:
    text = _text(region, vpc_id)
    control = region.host(host)
    changed = _file(control) != text
    if changed:
        control.write(RECORDS_FILE, text)
    # One that doesn't run reads them when it boots.
    if control.leader():
        # It may still be on its way up, and then has nobody yet who would restart anything.
        control.boot()
        # A reload reads hosts files only; records in the configuration need a restart (dnsmasq(8)).
        control.run(["systemctl", "restart" if changed else "start", "dnsmasq"])


def answered(region: Region, vpc_id: str) -> Answers:
    """What the resolver of a VPC really answers: nothing where it does not run."""
    if not region.is_running(host_id(vpc_id)):
        return Answers(())
    control = region.host(host_id(vpc_id))
    return Answers(tuple(_file(control).splitlines()) if _listens(control) else ())


def _listens(control: HostControl) -> bool:
    """Whether something in the host takes questions on its address (proc_net_udp(5)): no process has to be started."""
    leader = control.leader()
    if leader is None:
        return False
    address = "".join(f"{byte:02X}" for byte in reversed(IPv4Address(control.host.address).packed))
    sockets = Path(f"/proc/{leader}/net/udp").read_text().splitlines()[1:]
    return any(line.split()[1] in (f"{address}:0035", "00000000:0035") for line in sockets)


def _file(control: HostControl) -> str:
    file = control.root / RECORDS_FILE.lstrip("/")
    return file.read_text() if file.exists() else ""


def _text(region: Region, vpc_id: str) -> str:
    public = {region.settings.storage_name: settings.public_address(region.settings, settings.STORAGE_SLOT)}
    if account.registered(region.settings):
        address = settings.public_address(region.settings, settings.WECHAT_SLOT)
        public |= dict.fromkeys(settings.WECHAT_NAMES, address)
    single = {
        record.outputs["cname"]: region.host(record.id).host.address for record in region.records.all(CDN)
    }
    single |= {
        record.outputs["publicDomain"]: region.host(record.id).host.address
        for record in region.records.all(REGISTRY)
        if record.inputs.get("openPublicOperation") and region.has_host(record.id)
    }
    return resolver_names.lines(region.records.all(), vpc_id, public, single)
