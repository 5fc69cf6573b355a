"""How a host gets its release: from a registry by digest, or from an archive; and what it says when neither works."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from region.process import run
from region.resources.tcr import Instance
from shopctl import paths
from tests.region.conftest import NET, Lab, Made
from tests.region.registries import SHOP, build, client_of, operator, way_out
from tests.region.registry_client import Client, Image

pytestmark = [pytest.mark.region, pytest.mark.slow]

ANSIBLE = str(Path(sys.executable).parent / "ansible-playbook")
PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: app, tasks_from: release.yml}
"""


@dataclass(frozen=True)
class Scene:
    """A host of the region's VPC, the registry, and who pulls."""

    lab: Lab
    host: Made
    made: dict[str, Made]
    client: Client
    work: Path

    def play(self, image: str, **variables: Any) -> subprocess.CompletedProcess[str]:
        """Run the role's part on the host."""
        given = {
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(self.work / "key"),
            "ansible_ssh_common_args": "-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no",
            "app_release": "0123456789ab",
            "app_image": image,
            "app_registry_host": self.client.domain,
            "app_registry_user": self.client.user,
            "app_registry_password": self.client.token,
            **variables,
        }
        (self.work / "play.yml").write_text(PLAY)
        address = self.lab.region.host(self.host[0]).host.address
        settings = {"ANSIBLE_CONFIG": str(paths.REPOSITORY / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
        return subprocess.run(
            [ANSIBLE, "-i", f"{address},", "-e", json.dumps(given), str(self.work / "play.yml")],
            env={**os.environ, **settings, "ANSIBLE_ROLES_PATH": str(paths.REPOSITORY / "roles")},
            capture_output=True,
            text=True,
            timeout=300,
        )

    def reference(self, image: Image) -> str:
        return f"{self.client.domain}/{SHOP}@{image.digest}"

    def said(self, reference: str) -> str:
        """What is in the image's file, as the host has it."""
        mounted = self.lab.run(self.host, "podman", "image", "mount", reference).strip()
        return self.lab.run(self.host, "cat", f"{mounted}/said")

    def failure(self, image: Image, **variables: Any) -> str:
        """What the role says where it can't get the image."""
        done = self.play(self.reference(image), **variables)
        assert done.returncode == 2, done.stdout
        return " ".join(done.stdout.split())


@pytest.fixture(scope="module")
def scene(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """As the shop's web hosts: in a subnet that has a way out by NAT, with podman and the operator's key."""
    work = tmp_path_factory.mktemp("role")
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", work / "key"])
    host = way_out(lab)
    lab.run(
        host,
        "install",
        "-D",
        "-m",
        "600",
        "/dev/stdin",
        "/root/.ssh/authorized_keys",
        stdin=(work / "key.pub").read_text(),
    )
    lab.run(host, "install", "-d", "-m", "700", "/etc/shop")
    made = build(lab, "role-rtest", operator(lab), f"{NET}.240.32/27")
    return Scene(lab, host, made, client_of(lab, made), work)


def test_it_is_pulled_once_by_its_digest(scene: Scene) -> None:
    image = Image("the release")
    assert scene.client.push(SHOP, "0123456789ab", image).status == 201
    done = scene.play(scene.reference(image))
    assert done.returncode == 0, done.stdout
    assert re.search(r"changed=[12] .*failed=0", done.stdout)
    assert scene.said(scene.reference(image)) == "the release"
    again = scene.play(scene.reference(image))
    assert re.search(r"changed=0 .*failed=0", again.stdout)


def test_the_key_is_roots_alone_and_shows_nowhere(scene: Scene) -> None:
    image = Image("shown")
    assert scene.client.push(SHOP, "shown", image).status == 201
    done = scene.play(scene.reference(image), ansible_verbosity=3)
    assert done.returncode == 0, done.stdout
    assert scene.client.token not in done.stdout + done.stderr
    assert scene.lab.run(scene.host, "stat", "--format=%a %U", "/etc/shop/registry.json") == "600 root\n"
    kept = json.loads(scene.lab.run(scene.host, "cat", "/etc/shop/registry.json"))
    assert list(kept["auths"]) == [scene.client.domain]


def test_a_release_that_is_there_needs_no_registry(scene: Scene) -> None:
    image = Image("there")
    assert scene.client.push(SHOP, "there", image).status == 201
    assert scene.play(scene.reference(image)).returncode == 0
    scene.lab.run(scene.made["instance"], "systemctl", "stop", "nginx")
    try:
        assert re.search(r"changed=0 .*failed=0", scene.play(scene.reference(image)).stdout)
    finally:
        scene.lab.run(scene.made["instance"], "systemctl", "start", "nginx")


def test_what_is_wrong_is_said_with_what_to_do(scene: Scene) -> None:
    never, there = Image("never pushed"), Image("kept from it")
    assert scene.client.push(SHOP, "kept", there).status == 201
    said = scene.failure(never)
    assert "release 0123456789ab could not be pulled from role-rtest.tencentcloudcr.com" in said
    assert "it does not have the release; shopctl deploy 0123456789ab pushes it" in said
    assert "it refuses the name or the password; shopctl up" in scene.failure(
        there, app_registry_password="no"
    )
    closed = scene.lab.change(Instance, scene.made["instance"], securityPolicies=[])
    assert "does not let this host's address in" in scene.failure(there)
    scene.lab.change(Instance, closed, securityPolicies=scene.made["instance"][1]["securityPolicies"])
    scene.lab.run(scene.made["instance"], "systemctl", "stop", "docker-registry")
    try:
        assert "it does not answer as it should; shopctl up mends it" in scene.failure(there)
        scene.lab.region.host(scene.made["instance"][0]).stop()
        assert "it does not answer as it should; shopctl up mends it" in scene.failure(
            there, app_pull_timeout=20
        )
    finally:
        scene.lab.change(Instance, scene.made["instance"])
    assert scene.play(scene.reference(there)).returncode == 0


def test_without_a_registry_an_archive_is_loaded(scene: Scene) -> None:
    """Whatever the image is called in it."""
    image = Image("from a file")
    archive = scene.work / "release.tar"
    image.archive(archive, "localhost/other:name")
    name = "localhost/shop:0123456789ab"
    done = scene.play(name, app_archive=str(archive))
    assert re.search(r"changed=\d .*failed=0", done.stdout), done.stdout
    assert scene.said(name) == "from a file"
    again = scene.play(name, app_archive="/nowhere")
    assert re.search(r"changed=0 .*failed=0", again.stdout)
