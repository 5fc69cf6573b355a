"""The WSGI application that the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - there are settings only now

from shop.groups import served  # noqa: E402

if any("search" in group.routers for group in served(settings.SHOP.group)):
    from search.listening import start

    start()
