"""The WSGI application that the web server loads."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - there are settings only now
from django.urls import get_resolver  # noqa: E402

from shop.groups import served  # noqa: E402
from shop.needs import USES, Part  # noqa: E402

# Loads the group's views, which otherwise the first request would wait for.
assert get_resolver().url_patterns
if Part.PAY in USES[settings.SHOP.group]:
    # The library loads its own when a client is made.
    import_module("wechatpayv3.core")

if any("search" in group.routers for group in served(settings.SHOP.group)):
    from search.listening import start

    start()
