"""An image made of an instance."""

from collections.abc import Iterator

import pytest

from region import images
from region.errors import RegionError
from region.resources.base import Properties
from region.resources.custom_image import CustomImage
from region.resources.instance import Instance
from tests.region.conftest import Lab, Made

pytestmark = [pytest.mark.region, pytest.mark.slow]

TICK = """
import itertools, os, time
files = [os.open(f"/srv/{name}", os.O_RDWR | os.O_CREAT) for name in "ab"]
for number in itertools.count(1):
    for file in files:
        os.pwrite(file, b"%012d" % number, 0)
"""


@pytest.fixture(scope="module")
def model(lab: Lab) -> Made:
    """An instance with something on its disks, that goes on writing."""
    made = lab.instance("model")
    for file in ("/srv/written", "/var/lib/containers/kept"):
        lab.run(made, "tee", file, stdin="by the model")
    lab.run(made, "rm", "-r", "/usr/share/doc")
    lab.serve(made, "ticks", "python3", "-c", TICK)
    lab.run(made, "sh", "-c", "until test -s /srv/b; do sleep 0.1; done")
    return made


@pytest.fixture(scope="module")
def image(lab: Lab, model: Made) -> Iterator[Made]:
    made = lab.make(CustomImage, "image", inputs(model))
    yield made
    lab.remove(CustomImage, made)
    assert images.known(lab.region.images) == list(images.CATALOGUE)


def inputs(model: Made, **more: object) -> Properties:
    return {"imageName": "of-model", "instanceId": model[0], **more}


def test_an_instance_begins_with_what_the_other_had_and_is_one_of_its_own(
    lab: Lab, model: Made, image: Made
) -> None:
    assert lab.run(model, "systemctl", "is-active", "ticks").strip() == "active", "the model goes on"
    copy = lab.instance("copy", imageId=image[0])
    assert lab.run(copy, "cat", "/srv/written", "/var/lib/containers/kept") == "by the model" * 2
    with pytest.raises(RegionError):
        lab.run(copy, "test", "-e", "/usr/share/doc")
    assert lab.run(copy, "hostname").strip() == "copy"
    assert lab.run(copy, "systemctl", "is-system-running").strip() == "running"
    for file in ("/etc/machine-id", "/etc/ssh/ssh_host_ed25519_key.pub"):
        assert lab.run(copy, "cat", file) != lab.run(model, "cat", file)
    first, second = (int(lab.run(copy, "cat", f"/srv/{name}")) for name in "ab")
    assert first - second in (0, 1), (
        "the second is written after the first, and nothing was while it was copied"
    )
    assert lab.look(CustomImage, image) == image[1]
    lab.run(copy, "tee", "/srv/written", stdin="by the copy")
    assert lab.run(model, "cat", "/srv/written") == "by the model"
    with pytest.raises(RegionError, match="instances stand on: copy"):
        lab.remove(CustomImage, image)
    second_image = lab.make(CustomImage, "of-the-copy", inputs(copy, forcePoweroff=True))
    assert lab.region.is_running(copy[0])
    lab.remove(Instance, copy)
    with pytest.raises(RegionError, match=f"other images stand on: {second_image[0]}"):
        lab.remove(CustomImage, image)
    third = lab.instance("third", imageId=second_image[0])
    assert lab.run(third, "cat", "/srv/written") == "by the copy"
    lab.remove(Instance, third)
    lab.remove(CustomImage, second_image)


def test_a_host_stands_on_it_after_a_restart_of_the_machine(lab: Lab, image: Made) -> None:
    made = lab.instance("restarts", imageId=image[0])
    lab.reboot(made[0])
    assert lab.run(made, "cat", "/srv/written") == "by the model"
    lab.remove(Instance, made)


def test_one_that_is_damaged_is_named_with_the_way_on(lab: Lab, model: Made) -> None:
    made = lab.make(CustomImage, "damaged", inputs(model))
    file = lab.region.images / made[0] / "image.json"
    whole = file.read_text()
    file.write_text(whole[:30])
    assert lab.look(CustomImage, made) is None
    with pytest.raises(RegionError, match=rf"image '{made[0]}' is damaged or gone.*made of an instance"):
        lab.instance("never", imageId=made[0])
    lab.region.remove_host(Instance(lab.region).id_for("never", {}))
    lab.remove(CustomImage, made)


def test_what_cannot_be_made_is_refused(lab: Lab) -> None:
    check = CustomImage(lab.region).check
    assert check({"imageName": "x", "instanceId": "ins-0"}) == [
        ("instanceId", f"does not exist in region {lab.region.name}: 'ins-0'")
    ]
    assert [name for name, _ in check({"imageName": "x", "snapshotIds": ["snap-1"]})] == ["snapshotIds"]
