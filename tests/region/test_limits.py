"""What an instance's type lets it use of the machine."""

import pytest

from region import cgroups, host_limits
from region.errors import RegionError
from region.host_limits import Limits
from region.resources.instance import Instance
from tests.region.conftest import Lab, Made
from tests.region.drift import repaired, seen

pytestmark = [pytest.mark.region, pytest.mark.slow]


def inside(lab: Lab, made: Made, code: str, *words: str) -> str:
    """What Python prints as a service of the host; a command that is put into it from outside isn't limited."""
    unit = ("systemd-run", "--quiet", "--collect", "--wait", "--pipe")
    return lab.run(made, *unit, "python3", "-c", code, *words).strip()


ALLOCATE = "import sys; held = bytearray(int(sys.argv[1]) << 20); print('held')"


def test_a_type_limits_memory_and_another_one_takes_effect_at_once(lab: Lab) -> None:
    assert "memory" in cgroups.controllers(), "this machine can't show it"
    made = lab.instance("small", instanceType="S5.SMALL1")
    leader = lab.region.host(made[0]).leader()
    assert inside(lab, made, ALLOCATE, "500") == "held"
    with pytest.raises(RegionError, match="exit code"):
        inside(lab, made, ALLOCATE, "1500")
    assert lab.run(made, "systemctl", "is-system-running").strip() == "running"
    bigger = lab.change(Instance, made, instanceType="S5.SMALL2")
    assert (bigger[1]["cpu"], bigger[1]["memory"]) == (1, 2)
    assert inside(lab, bigger, ALLOCATE, "1500") == "held"
    assert lab.region.host(made[0]).leader() == leader, "without a restart"
    host_limits.apply(lab.region.name, made[0], Limits(1, 700))
    assert seen(lab, bigger) == {"instanceType": "S5.SMALL2 with 1 cores and 700 MiB"}
    assert seen(lab, repaired(lab, bigger)) == {}
    lab.crash(made[0])
    assert seen(lab, bigger) == {}
    lab.remove(Instance, bigger)
    assert not any(group.exists() for group in cgroups.groups(lab.region.name, made[0]))


def test_a_type_of_one_core_gets_no_more(lab: Lab) -> None:
    assert "cpu" in cgroups.controllers(), "this machine can't show it"
    made = lab.instance("slow", instanceType="S5.SMALL1")
    assert host_limits.current(lab.region.name, made[0]) == host_limits.effective(Limits(1, 1024))
    half = Limits(0.2, 1024)
    host_limits.apply(lab.region.name, made[0], half)
    spent = inside(lab, made, BURN)
    assert float(spent) < 0.5, "a fifth of a core"
    wide = lab.change(Instance, made, instanceType=f"S5.LARGE{4}")
    assert host_limits.current(lab.region.name, made[0]).cores == 0, "as many as this machine has"
    lab.remove(Instance, wide)


BURN = """
import time
begin, spent = time.monotonic(), time.process_time()
while time.monotonic() - begin < 2:
    pass
print((time.process_time() - spent) / 2)
"""
