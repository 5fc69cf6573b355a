"""A container registry as operators and the shop's hosts meet it: pushed to, pulled from by digest, broken, mended."""

import base64
import json
from dataclasses import replace

import pytest

from region.errors import RegionError
from region.host_files import folder
from region.resources.tcr import Instance
from region.resources.tcr_objects import Namespace, Repository, Token
from region.services import registry, registry_config
from tests.region.conftest import NET, Lab, Made, laboratory, settings_for, until
from tests.region.registries import SHOP, build, client_of, instance_inputs, operator, way_out
from tests.region.registry_client import Client, Image, digest_of

pytestmark = [pytest.mark.region, pytest.mark.slow]


@pytest.fixture(scope="module")
def shop(lab: Lab) -> dict[str, Made]:
    return build(lab, "shop-rtest", operator(lab), f"{NET}.240.32/27")


@pytest.fixture(scope="module")
def client(lab: Lab, shop: dict[str, Made]) -> Client:
    return client_of(lab, shop)


@pytest.fixture(scope="module")
def web(lab: Lab) -> Made:
    return way_out(lab)


def test_a_host_of_the_vpc_pulls_by_name_and_digest_what_was_pushed(
    lab: Lab, client: Client, web: Made
) -> None:
    image = Image("good day")
    assert client.push(SHOP, "one", image).status == 201
    pair = base64.b64encode(f"{client.user}:{client.token}".encode()).decode()
    known = json.dumps({"auths": {client.domain: {"auth": pair}}})
    lab.run(web, "install", "-m", "600", "/dev/stdin", "/root/auth.json", stdin=known)
    reference = f"{client.domain}/{SHOP}@{image.digest}"
    lab.run(web, "podman", "pull", "--quiet", "--authfile=/root/auth.json", reference)
    mounted = lab.run(web, "podman", "image", "mount", reference).strip()
    assert lab.run(web, "cat", f"{mounted}/said") == "good day"
    with pytest.raises(RegionError, match=r"401|unauthorized|authentication required"):
        lab.run(web, "podman", "pull", "--quiet", f"{client.domain}/{SHOP}@{Image('other').digest}")


def test_without_the_right_token_nobody_pulls_or_pushes_or_learns_what_there_is(client: Client) -> None:
    image = Image("secret")
    assert client.push(SHOP, "secret", image).status == 201
    for stranger in (replace(client, user=""), replace(client, token="wrong"), replace(client, user="root")):
        assert stranger.ask("GET", "/v2/").status == 401
        assert stranger.pull(SHOP, image).status == 401
        assert stranger.push(SHOP, "secret", image).status == 401
        assert stranger.ask("GET", "/v2/no/such/tags/list").status == 401


def test_a_push_waits_for_namespace_and_repository(lab: Lab, shop: dict[str, Made], client: Client) -> None:
    for name in ("stop/shop", "shop/stop", "shop/shop/shop"):
        refused = client.push(name, "one", Image("lost"))
        assert (refused.status, refused.code) == (404, "NAME_UNKNOWN"), name
    inside = {"instanceId": shop["instance"][0]}
    made = lab.make(Repository, "deep", {**inside, "namespaceName": "shop", "name": "shop/shop"})
    assert made[1]["url"] == f"{client.domain}/shop/shop/shop"
    image = Image("found")
    assert client.push("shop/shop/shop", "one", image).status == 201
    with pytest.raises(RegionError, match=r"repositories \(shop, shop/shop\)"):
        lab.remove(Namespace, shop["namespace"])
    assert client.push(SHOP, "found", image).status == 201
    lab.remove(Repository, made)
    assert client.pull("shop/shop/shop", image).code == "NAME_UNKNOWN"
    assert client.pull(SHOP, image).status == 200
    # Made again, it has nothing of what was in it.
    lab.make(Repository, "deep", {**inside, "namespaceName": "shop", "name": "shop/shop"})
    assert client.pull("shop/shop/shop", image).code == "MANIFEST_UNKNOWN"


def test_a_token_works_until_it_is_switched_off_or_deleted(
    lab: Lab, shop: dict[str, Made], client: Client
) -> None:
    token = lab.make(Token, "second", {"instanceId": shop["instance"][0]})
    second = replace(client, user=token[1]["userName"], token=token[1]["token"])
    assert second.ask("GET", "/v2/").status == 200
    token = lab.change(Token, token, enable=False)
    assert second.ask("GET", "/v2/").status == 401
    assert lab.look(Token, token) == token[1]
    token = lab.change(Token, token, enable=True)
    assert second.ask("GET", "/v2/").status == 200
    lab.remove(Token, token)
    assert second.ask("GET", "/v2/").status == 401
    assert client.ask("GET", "/v2/").status == 200


def test_what_a_hand_did_to_a_token_shows_and_is_mended(
    lab: Lab, shop: dict[str, Made], client: Client
) -> None:
    control = lab.region.host(shop["instance"][0])
    for by_hand in ("", f"{client.user}:{registry_config.hashed('mine', b'12345678')}\n"):
        registry.lay(control, registry_config.USERS, by_hand)
        assert client.ask("GET", "/v2/").status == 401
        seen = lab.look(Token, shop["token"])
        assert seen == {**shop["token"][1], "enable": False}
        lab.change(Token, (shop["token"][0], seen), enable=True)
        assert client.ask("GET", "/v2/").status == 200


def test_only_who_is_allowed_comes_over_the_internet(lab: Lab, shop: dict[str, Made], client: Client) -> None:
    made = shop["instance"]
    before = lab.region.get(Instance.type, made[0]).inputs["securityPolicies"]
    made = lab.change(Instance, made, securityPolicies=[{"cidrBlock": f"{NET}.240.32/27"}])
    assert client.ask("GET", "/v2/").status == 403
    made = lab.change(Instance, made, openPublicOperation=False, securityPolicies=[])
    assert client.ask("GET", "/v2/").status == 403
    assert lab.look(Instance, made) == made[1]
    made = lab.change(Instance, made, openPublicOperation=True, securityPolicies=before)
    assert client.ask("GET", "/v2/").status == 200
    control = lab.region.host(made[0])
    opened = registry.text_of(control, registry.NGINX).replace(
        "deny all;", "    allow 0.0.0.0/0;\n    deny all;"
    )
    registry.lay(control, registry.NGINX, opened)
    seen = lab.look(Instance, made)
    assert seen
    assert seen["securityPolicies"] == [*before, {"cidrBlock": "0.0.0.0/0"}]
    assert lab.look(Instance, lab.change(Instance, (made[0], seen))) == made[1]


def test_anybody_pulls_from_a_public_namespace_and_nobody_pushes(
    lab: Lab, shop: dict[str, Made], client: Client
) -> None:
    inside = {"instanceId": shop["instance"][0]}
    namespace = lab.make(Namespace, "open", {**inside, "name": "open", "isPublic": True})
    lab.make(Repository, "open-repo", {**inside, "namespaceName": "open", "name": "tools"})
    image, stranger = Image("for all"), replace(client, user="")
    assert stranger.push("open/tools", "one", image).status == 401
    assert client.push("open/tools", "one", image).status == 201
    assert stranger.pull("open/tools", image).status == 200
    namespace = lab.change(Namespace, namespace, isPublic=False)
    assert stranger.pull("open/tools", image).status == 401
    # By hand, and back by the next update.
    control = lab.region.host(shop["instance"][0])
    names = registry_config.namespaces({"shop": False, "open": True})
    registry.lay(control, registry_config.NAMESPACES, names)
    seen = lab.look(Namespace, namespace)
    assert seen == {**namespace[1], "isPublic": True}
    lab.change(Namespace, (namespace[0], seen))
    assert lab.look(Namespace, namespace) == namespace[1]
    registry.lay(control, registry_config.NAMESPACES, registry_config.namespaces({"open": False}))
    assert lab.look(Namespace, shop["namespace"]) is None
    registry.refresh(lab.region, shop["instance"][0])
    assert lab.look(Namespace, shop["namespace"]) == shop["namespace"][1]


def test_killed_processes_and_a_power_cut_cost_no_image(
    lab: Lab, shop: dict[str, Made], client: Client
) -> None:
    image = Image("lasting", 300_000)
    assert client.push(SHOP, "lasting", image).status == 201
    for process in ("docker-registry", "nginx"):
        lab.run(shop["instance"], "pkill", "-KILL", "--exact", process)
        until(lambda: _answers(client, image))
    lab.crash(shop["instance"][0])
    until(lambda: _answers(client, image))
    assert client.push(SHOP, "after", Image("after")).status == 201


def _answers(client: Client, image: Image) -> bool:
    try:
        answer = client.pull(SHOP, image)
    except OSError:
        return False
    return answer.status == 200 and answer.body == image.layer


@pytest.mark.parametrize("how", ["docker-registry", "nginx", "host"])
def test_a_registry_that_is_down_shows_and_is_mended(
    lab: Lab, shop: dict[str, Made], client: Client, how: str
) -> None:
    made = shop["instance"]
    if how == "host":
        lab.region.host(made[0]).stop()
    else:
        lab.run(made, "systemctl", "stop", how)
    seen = lab.look(Instance, made)
    assert seen
    assert (seen["instanceType"], seen["publicStatus"]) == ("", "Closed")
    for kind, name in ((Namespace, "namespace"), (Repository, "repository"), (Token, "token")):
        assert lab.look(kind, shop[name]) == shop[name][1]
    made = lab.change(Instance, (made[0], seen))
    assert client.ask("GET", "/v2/").status == 200
    assert lab.look(Instance, made) == made[1]


def test_what_no_image_needs_is_collected_and_nothing_else(
    lab: Lab, shop: dict[str, Made], client: Client
) -> None:
    kept, gone = Image("kept", 200_000), Image("gone", 200_000)
    for tag, image in (("kept", kept), ("gone", gone)):
        assert client.push(SHOP, tag, image).status == 201
    assert client.ask("DELETE", f"/v2/{SHOP}/manifests/{gone.digest}").status == 202
    assert _has_blob(lab, shop, gone)
    lab.run(shop["instance"], "systemctl", "start", registry.CLEAN)
    assert not _has_blob(lab, shop, gone)
    assert client.pull(SHOP, kept).body == kept.layer
    assert client.pull(SHOP, gone).code == "MANIFEST_UNKNOWN"
    tags = json.loads(client.ask("GET", f"/v2/{SHOP}/tags/list").body)["tags"]
    assert "kept" in tags
    assert "gone" not in tags
    # It is not taken for there: pushed again, it is whole.
    assert client.push(SHOP, "gone", gone).status == 201
    assert client.pull(SHOP, gone).body == gone.layer


def _has_blob(lab: Lab, shop: dict[str, Made], image: Image) -> bool:
    digest = digest_of(image.layer).removeprefix("sha256:")
    blobs = lab.region.host(shop["instance"][0]).home / "data/registry/docker/registry/v2/blobs/sha256"
    return (blobs / digest[:2] / digest / "data").exists()


def test_while_garbage_is_collected_images_are_pulled_and_not_pushed(
    lab: Lab, shop: dict[str, Made], client: Client
) -> None:
    image = Image("meanwhile")
    assert client.push(SHOP, "meanwhile", image).status == 201
    lab.run(shop["instance"], "touch", registry_config.CLEANING)
    try:
        refused = client.push(SHOP, "next", Image("next"))
        assert (refused.status, refused.code, refused.headers["retry-after"]) == (503, "UNAVAILABLE", "5")
        assert client.pull(SHOP, image).status == 200
    finally:
        lab.run(shop["instance"], "systemctl", "start", registry.CLEAN)
    assert client.push(SHOP, "next", Image("next")).status == 201


def test_a_creation_that_was_killed_is_made_anew_and_names_are_unique(
    lab: Lab, shop: dict[str, Made]
) -> None:
    inputs = instance_inputs("twice-rtest", operator(lab))
    resource = Instance(lab.region)
    id_ = resource.id_for("twice", inputs)
    resource.create(id_, inputs)
    made = lab.make(Instance, "twice", inputs)
    assert made[0] == id_
    assert lab.look(Instance, made) == made[1]
    # An empty one has no garbage.
    lab.run(made, "systemctl", "start", registry.CLEAN)
    with pytest.raises(RegionError, match="'twice-rtest' already"):
        resource.create("tcr-other", inputs)
    lab.remove(Instance, made)


def test_nothing_is_left_of_a_registry_that_was_destroyed(lab: Lab) -> None:
    made = build(lab, "brief-rtest", operator(lab))
    id_, domain = made["instance"][0], made["instance"][1]["publicDomain"]
    host = lab.instance("asks")
    ask = f"import socket; print(socket.gethostbyname({domain!r}))"
    assert lab.script(host, ask) == lab.region.host(id_).host.address
    for kind, name in ((Token, "token"), (Repository, "repository"), (Namespace, "namespace")):
        lab.remove(kind, made[name])
        assert lab.look(kind, made[name]) is None or kind is Token
    lab.remove(Instance, made["instance"])
    assert not folder(lab.region.name, id_).exists()
    assert domain not in registry.addresses(lab.region.name)
    with pytest.raises(RegionError, match=r"not known|No address"):
        lab.script(host, ask)


def test_a_full_registry_says_so_and_gives_its_images_all_the_same(images: None) -> None:
    with laboratory(settings_for("rfull", 4), disk=120) as lab:
        made = build(lab, "full-rtest", operator(lab))
        client = client_of(lab, made)
        there, large = Image("there", 2_000_000), Image("large", 150_000_000)
        assert client.push(SHOP, "there", there).status == 201
        refused = client.push(SHOP, "large", large)
        assert refused.status >= 500
        assert b"no space left on device" in refused.body
        assert client.pull(SHOP, there).body == there.layer
        # Uploads that nobody goes on with are collected when they are an hour old.
        lab.run(made["instance"], "find", registry.DATA, "-exec", "touch", "-d", "2 hours ago", "{}", "+")
        lab.run(made["instance"], "systemctl", "start", registry.CLEAN)
        assert client.push(SHOP, "next", Image("next", 2_000_000)).status == 201
        assert client.pull(SHOP, there).body == there.layer
