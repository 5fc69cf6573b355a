"""What the admin's and the worker's accounts may do with Django's own tables and with the audit trail.

`manage.py staff` changes accounts and groups; it runs with the account that migrates.
"""

_READ = ("SELECT",)
RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "admin": {
        "backoffice_auditentry": ("SELECT", "INSERT"),
        "django_admin_log": ("SELECT", "INSERT"),
        "django_session": ("SELECT", "INSERT", "UPDATE", "DELETE"),
        "django_content_type": _READ,
        # The time of the last login, and a new password of one's own.
        "auth_user": ("SELECT", "UPDATE"),
        "auth_group": _READ,
        "auth_permission": _READ,
        "auth_user_groups": _READ,
        "auth_user_user_permissions": _READ,
        "auth_group_permissions": _READ,
    },
    "worker": {"django_session": ("SELECT", "DELETE")},
}
