"""The admin's own models as a Django application."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    """What the staff did."""

    name = "backoffice"
