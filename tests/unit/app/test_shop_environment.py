"""Settings: every mistake at once, secrets not shown."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shop import settings_test
from shop.environment import EnvironmentVariablesError, read

APP = Path(settings_test.__file__).parents[1]
GOOD = {**settings_test._DEFAULTS, "MYSQL_REPLICA_HOST": "replica"}


def test_complete():
    shop = read({**GOOD, "SHOP_ALLOWED_HOSTS": "a.test, b.test", "MEDIA_URL": "/media"})
    assert shop.allowed_hosts == ("a.test", "b.test")
    assert shop.media_url == "/media/"
    assert shop.mysql.replica_host == "replica"


def test_every_mistake_is_listed():
    variables = {**GOOD, "MYSQL_HOST": "", "REDIS_PORT": "70000", "S3_ENDPOINT": "cos", "MEDIA_URL": "media"}
    variables |= {"DJANGO_SECRET_KEY": "short", "SHOP_LOG_LEVEL": "LOUD"}
    del variables["RABBITMQ_USER"]
    with pytest.raises(EnvironmentVariablesError) as caught:
        read(variables)
    for name in (
        "MYSQL_HOST",
        "REDIS_PORT",
        "S3_ENDPOINT",
        "MEDIA_URL",
        "DJANGO_SECRET_KEY",
        "RABBITMQ_USER",
    ):
        assert name in str(caught.value)
    assert "SHOP_LOG_LEVEL" in str(caught.value)


def test_secrets_are_not_shown():
    shown = repr(read({**GOOD, "MYSQL_PASSWORD": "Hush-Hush-1", "S3_SECRET_KEY": "Hush-Hush-2"}))
    assert "Hush" not in shown
    assert GOOD["DJANGO_SECRET_KEY"] not in shown


def test_a_command_without_environment_says_so_in_one_message():
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "shop.settings"}
    arguments = [sys.executable, str(APP / "manage.py"), "check"]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: the environment is not complete:")
    assert "MYSQL_HOST is missing" in done.stderr
    assert "Traceback" not in done.stderr
