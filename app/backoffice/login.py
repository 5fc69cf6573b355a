"""The login form."""

import logging
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from backoffice import clients, throttle

log = logging.getLogger("shop.backoffice")


class ThrottledLoginForm(AdminAuthenticationForm):
    """Django's, with a limit on attempts. Whether the account exists can't be told from the answers."""

    def clean(self) -> dict[str, Any]:
        """Check name and password. Raises ValidationError."""
        account = self.cleaned_data.get("username") or ""
        address = (clients.address(self.request) if self.request else None) or ""
        if not throttle.attempt(account=account, address=address):
            log.warning("too many logins from %s", address, extra={"fields": {"account": account[:150]}})
            minutes = throttle.SECONDS // 60
            raise ValidationError(f"登录失败次数过多，请 {minutes} 分钟后再试。", code="throttled")
        try:
            cleaned = super().clean()
        except ValidationError:
            log.warning("failed login from %s", address, extra={"fields": {"account": account[:150]}})
            raise
        throttle.succeeded(account=account, address=address)
        return cleaned or {}
