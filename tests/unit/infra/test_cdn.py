"""What the CDN is told beside its rules."""

from tests.unit.infra.recorder import Recording, record


def test_the_cdn_is_told_to_forget_and_to_fetch_what_the_settings_say(local: Recording) -> None:
    assert local.of("Cdn/urlPurge") == []
    assert local.of("Cdn/urlPush") == []
    told = record("local", {"cdn": {"purge": ["/static/app.js"], "push": ["/media/1.png"], "redo": 3}})
    purge, push = told.named("cdn-purge").inputs, told.named("cdn-push").inputs
    assert (purge["urls"], purge["redo"]) == (["https://cdn.local.test/static/app.js"], 3)
    assert (push["urls"], push["redo"]) == (["https://cdn.local.test/media/1.png"], 3)
