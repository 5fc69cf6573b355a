"""Whether what WeChat says of a payment is what was agreed. Pure."""

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings


class Said(Protocol):
    """What WeChat says (`wechat.pay.Transaction`)."""

    @property
    def mch_id(self) -> str: ...
    @property
    def app_id(self) -> str: ...
    @property
    def transaction_id(self) -> str: ...
    @property
    def total_fen(self) -> int: ...
    @property
    def currency(self) -> str: ...
    @property
    def paid_at(self) -> object: ...


@dataclass(frozen=True)
class Claim:
    """What was agreed, and the transaction that paid it, if one has."""

    mch_id: str
    app_id: str
    amount_fen: int
    transaction_id: str | None

    @staticmethod
    def of(payment: "HasAmount") -> "Claim":
        """The shop's own claim."""
        account = settings.SHOP.pay
        return Claim(account.mch_id, account.app_id, payment.amount_fen, payment.transaction_id)


class HasAmount(Protocol):
    """The part of a `Payment` that counts here."""

    amount_fen: int
    transaction_id: str | None


def doubt(said: Said, claim: Claim) -> str | None:
    """Why it can't be what was agreed: a word for the kind of doubt. None when all is well."""
    if said.mch_id != claim.mch_id:
        return "other_merchant"
    if said.app_id != claim.app_id:
        return "other_app"
    if said.currency != "CNY":
        return "other_currency"
    if said.total_fen != claim.amount_fen:
        return "other_amount"
    if not said.transaction_id or said.paid_at is None:
        return "no_transaction"
    if claim.transaction_id is not None and claim.transaction_id != said.transaction_id:
        return "paid_twice"
    return None
