"""All pages of the admin: importing a module registers its pages."""

from backoffice.admins import (  # noqa: F401
    catalog,
    logistics,
    marketing,
    orders,
    payments,
    people,
    service,
    stock,
)
