"""What each process group's account may do with which table, put together from the domains' own `rights.py`.

Accounts come with the stack, tables with migrations: so a deploy grants, after it has migrated. `statements` says how
to get from what an account may do to what it shall. `manage.py prepare --rights` tells them; a database
administrator runs them.
"""

from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

Rights = dict[str, dict[str, frozenset[str]]]
"""Group, table, privileges."""

OF_DJANGO: dict[str, dict[str, tuple[str, ...]]] = {
    "admin": {
        "auth_user": ("SELECT", "INSERT", "UPDATE", "DELETE"),
        "auth_group": ("SELECT", "INSERT", "UPDATE", "DELETE"),
        "auth_permission": ("SELECT",),
        "auth_group_permissions": ("SELECT", "INSERT", "UPDATE", "DELETE"),
        "auth_user_groups": ("SELECT", "INSERT", "UPDATE", "DELETE"),
        "auth_user_user_permissions": ("SELECT", "INSERT", "UPDATE", "DELETE"),
        "django_admin_log": ("SELECT", "INSERT"),
        "django_content_type": ("SELECT",),
        "django_session": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    }
}


def wanted() -> Rights:
    """The rights of every group, as the domains declare them."""
    found: Rights = {}
    declared = [OF_DJANGO]
    for app in apps.get_app_configs():
        if find_spec(f"{app.name}.rights"):
            declared.append(import_module(f"{app.name}.rights").RIGHTS)
    for rights in declared:
        for group, tables in rights.items():
            for table, privileges in tables.items():
                known = found.setdefault(group, {}).get(table, frozenset())
                found[group][table] = known | frozenset(privileges)
    return found


def observed(lines: Iterable[str], accounts: Mapping[str, str]) -> Rights:
    """Pure: the rights in rows of `information_schema.table_privileges`: grantee, table and privilege, by tabs.

    `accounts` gives a group's name by its account's; other accounts' rows are passed over.
    """
    found: Rights = {}
    for line in lines:
        grantee, table, privilege = line.rstrip("\n").split("\t")
        group = accounts.get(grantee.split("'")[1])
        if group is not None and privilege.upper() != "USAGE":
            known = found.setdefault(group, {}).get(table, frozenset())
            found[group][table] = known | {privilege.upper()}
    return found


def statements(database: str, accounts: Mapping[str, str], now: Rights, then: Rights) -> list[str]:
    """Pure: the SQL that leads from the rights of `now` to those of `then`, grants first.

    `accounts` gives an account's name by its group's. None are needed where both are the same.
    """
    grants, revocations = [], []
    for group in sorted(set(now) | set(then)):
        account = f"'{accounts[group]}'@'%'"
        for table in sorted(set(now.get(group, {})) | set(then.get(group, {}))):
            has = now.get(group, {}).get(table, frozenset())
            shall = then.get(group, {}).get(table, frozenset())
            place = f"ON `{database}`.`{table}`"
            if missing := shall - has:
                grants.append(f"GRANT {', '.join(sorted(missing))} {place} TO {account};")
            if surplus := has - shall:
                revocations.append(f"REVOKE {', '.join(sorted(surplus))} {place} FROM {account};")
    return [*grants, *revocations]
