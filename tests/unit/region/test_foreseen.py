"""What a preview knows of what is to come."""

from region import foreseen
from region.schema import UNKNOWN

INSTANCE = "tencentcloud:Instance/instance:Instance"
MYSQL = "tencentcloud:Mysql/instance:Instance"


def test_of_a_new_thing_only_the_inputs_are_known() -> None:
    made = foreseen.created(MYSQL, {"memSize": 1000})
    assert made["memSize"] == 1000
    assert made["intranetIp"] == UNKNOWN


def test_a_change_in_place_leaves_the_address_known() -> None:
    old = {"memSize": 1000, "intranetIp": "10.0.0.5", "status": 1}
    after = foreseen.updated(MYSQL, old, {"memSize": 2000})
    assert after == {"memSize": 2000, "intranetIp": "10.0.0.5", "status": 1}


def test_an_input_that_is_taken_away_is_away_unless_the_cloud_decides_it() -> None:
    old = {"instanceName": "a", "hostname": "a", "privateIp": "10.0.0.5"}
    after = foreseen.updated(INSTANCE, {**old, "forceDelete": True}, {"instanceName": "a", "hostname": "a"})
    assert "forceDelete" not in after
    assert after["privateIp"] == "10.0.0.5"


def test_what_follows_from_a_changed_input_is_unknown() -> None:
    old = {"subnetId": "subnet-1", "privateIp": "10.0.0.5"}
    assert foreseen.updated(INSTANCE, old, {"subnetId": "subnet-2"})["privateIp"] == UNKNOWN
