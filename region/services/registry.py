"""A TCR instance's host: docker-registry on the host's own disk, behind Nginx."""

import secrets
import shutil
import time
from pathlib import Path

from region import authority, resolver_names
from region.errors import RegionError
from region.hosts import Host, HostControl, all_hosts
from region.network import INTERNET
from region.records import Record
from region.region import Region
from region.services import daemon, registry_config
from region.services.registry_config import Door
from region.settings import REGISTRY_DOMAIN, REGISTRY_SLOTS

INSTANCE = resolver_names.REGISTRY
NAMESPACE = "tencentcloud:Tcr/namespace:Namespace"
REPOSITORY = "tencentcloud:Tcr/repository:Repository"
TOKEN = "tencentcloud:Tcr/token:Token"

KIND = "registry"
DATA = "/var/lib/docker-registry"
CONFIG, NGINX = "/etc/docker/registry/config.yml", "/etc/nginx/nginx.conf"
UNIT, CLEAN = "docker-registry.service", "registry-clean.service"
UNITS = (UNIT, "nginx.service")


def domain_of(name: str) -> str:
    """The public name of the instance of that name."""
    return f"{name}.{REGISTRY_DOMAIN}"


def addresses(region: str) -> dict[str, str]:
    """The addresses of a region's registries by their public names, read from the hosts' files alone."""
    return {domain_of(host.name): host.address for host in all_hosts(region) if host.kind == KIND}


def make(region: Region, id_: str, name: str, door: Door) -> HostControl:
    """Boot the host of an instance, without any namespace yet."""
    address = region.lease_public(REGISTRY_SLOTS, host_id=id_)
    control = region.prepare(
        Host(id_, name, KIND, "managed", INTERNET, (address,), "127.0.0.1", {DATA: "registry"})
    )
    # By its address too: the machine doesn't ask the region's resolver.
    certificate, key = authority.issue(region.name, [door.domain], [address])
    control.write(registry_config.CERTIFICATE, certificate + "\n")
    control.write(registry_config.KEY, key + "\n", 0o600)
    control.write(CONFIG, registry_config.registry(secrets.token_hex(20), DATA), 0o640, "docker-registry")
    control.write(f"/etc/systemd/system/{UNIT}.d/region.conf", registry_config.DROP_IN)
    control.write(
        "/etc/systemd/system/nginx.service.d/region.conf", "[Service]\nRestart=always\nRestartSec=200ms\n"
    )
    control.write(f"/etc/systemd/system/{CLEAN}", registry_config.cleaning(DATA))
    control.write("/etc/systemd/system/registry-clean.timer", registry_config.TIMER)
    control.write(NGINX, registry_config.nginx(door))
    for file in (registry_config.USERS, registry_config.NAMESPACES, registry_config.REPOSITORIES):
        lay(control, file, "")
    daemon.own_data(control, DATA, "docker-registry")
    control.enable(*UNITS, "registry-clean.timer")
    control.boot()
    wait(control)
    return control


def wait(control: HostControl) -> None:
    """Wait until the registry answers inside its host."""
    control.wait_for(
        ["curl", "--silent", "--fail", "--insecure", "https://127.0.0.1/healthz"], "registry", 30
    )


def revive(control: HostControl) -> None:
    """Have the registry run, whatever of it doesn't."""
    for unit in UNITS:
        daemon.revive(control, unit)
    wait(control)


def serves(control: HostControl) -> bool:
    """Whether host, docker-registry and Nginx run. Changes nothing."""
    return control.leader() is not None and all(daemon.active(control, unit) for unit in UNITS)


def text_of(control: HostControl, path: str) -> str:
    """A file of the host; nothing where there is none."""
    file = control.root / path.lstrip("/")
    return file.read_text() if file.exists() else ""


def lay(control: HostControl, path: str, text: str) -> None:
    """Replace one of the files that Nginx reads, whole or not at all: requests come in meanwhile."""
    control.write(f"{path}.new", text, 0o640, "www-data")
    written = control.root / f"{path}.new".lstrip("/")
    written.rename(control.root / path.lstrip("/"))


def reload(control: HostControl) -> None:
    """Have Nginx take its files; connections go on. Comes back when the new workers serve."""
    if control.leader() is None or not daemon.active(control, "nginx.service"):
        # It reads them when it starts.
        return
    control.run(["nginx", "-t", "-q"])
    before = _workers(control)
    control.run(["systemctl", "reload", "nginx"])
    until = time.monotonic() + 10
    # The old ones take connections for a moment beside the new ones; then they call themselves otherwise.
    while (now := _workers(control)) <= before or now & before:
        if time.monotonic() > until:
            raise RegionError(
                f"host {control.host.name} ({control.host.id}): nginx did not take its new files"
            )
        time.sleep(0.02)


def _workers(control: HostControl) -> set[str]:
    return set(control.run(["pgrep", "--full", "nginx: worker process$"]).split())


def refresh(region: Region, id_: str) -> None:
    """Lay the instance's namespaces, repositories and users anew from the records."""
    with region.locked(f"registry-{id_}"):
        if not region.has_host(id_):
            return
        control = region.host(id_)
        spaces = {
            record.inputs["name"]: bool(record.inputs.get("isPublic"))
            for record in of(region, NAMESPACE, id_)
        }
        tokens = {
            record.outputs["userName"]: record.outputs["token"]
            for record in of(region, TOKEN, id_)
            if record.inputs.get("enable", True)
        }
        # Nginx reads the users' file at each request.
        users = text_of(control, registry_config.USERS)
        if (wanted := registry_config.users(tokens, users, secrets.token_bytes(8))) != users:
            lay(control, registry_config.USERS, wanted)
        maps = {
            registry_config.NAMESPACES: registry_config.namespaces(spaces),
            registry_config.REPOSITORIES: registry_config.repositories(
                full_name(record.inputs) for record in of(region, REPOSITORY, id_)
            ),
        }
        changed = [path for path, text in maps.items() if text_of(control, path) != text]
        for path in changed:
            lay(control, path, maps[path])
        if changed:
            reload(control)


def of(region: Region, type_: str, id_: str) -> list[Record]:
    """The records of a type that belong to one instance."""
    return [record for record in region.records.all(type_) if record.inputs["instanceId"] == id_]


def full_name(inputs: dict[str, str]) -> str:
    """A repository's name with its namespace's before it."""
    return f"{inputs['namespaceName']}/{inputs['name']}"


def drop_images(control: HostControl, name: str) -> None:
    """Remove a repository's images; what they alone needed goes with the garbage."""
    home: Path = control.home / "data/registry/docker/registry/v2/repositories" / name
    for part in ("_manifests", "_layers", "_uploads"):
        # A repository's name may be the beginning of another's, which is inside its folder then.
        if (home / part).exists():
            shutil.rmtree(home / part)
