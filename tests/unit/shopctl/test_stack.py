"""How the committed settings and the generated ones become the engine's."""

from shopctl.stack import merge, missing

SECRET = {"secure": "v1:abc"}


def test_the_committed_value_wins_and_generated_secrets_are_kept() -> None:
    committed = {"config": {"shop:domain": "new.test"}}
    kept = {"config": {"shop:domain": "old.test", "shop:tlsKey": SECRET}, "encryptionsalt": "s1"}
    assert merge(committed, kept, {}) == {
        "config": {"shop:domain": "new.test", "shop:tlsKey": SECRET},
        "encryptionsalt": "s1",
    }


def test_a_setting_that_was_removed_from_the_committed_file_goes() -> None:
    assert merge({"config": {}}, {"config": {"shop:old": "x"}, "encryptionsalt": "s"}, {})["config"] == {}


def test_secrets_under_another_salt_cannot_be_read_and_go() -> None:
    merged = merge(
        {"config": {}, "encryptionsalt": "new"}, {"config": {"a": SECRET}, "encryptionsalt": "old"}, {}
    )
    assert merged == {"config": {}, "encryptionsalt": "new"}


def test_a_committed_secret_wins_over_a_generated_one() -> None:
    committed = {"config": {"shop:tlsKey": {"secure": "theirs"}}, "encryptionsalt": "s"}
    kept = {"config": {"shop:tlsKey": SECRET}, "encryptionsalt": "s"}
    assert merge(committed, kept, {})["config"]["shop:tlsKey"] == {"secure": "theirs"}


def test_merging_twice_changes_nothing() -> None:
    committed = {"config": {"shop:domain": "a.test"}}
    kept = {"config": {"shop:tlsKey": SECRET}, "encryptionsalt": "s"}
    once = merge(committed, kept, {"shop:tlsCertificate": "pem"})
    assert merge(committed, once, {"shop:tlsCertificate": "pem"}) == once


def test_missing_names_what_has_no_value() -> None:
    assert missing({"config": {"shop:a": SECRET}}, ("a", "b")) == ["b"]
