"""What each process group needs of the flash sales."""

RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "catalogue": {"flash_flashsale": ("SELECT",)},
    "trade": {"flash_flashsale": ("SELECT", "UPDATE"), "flash_flashpurchase": ("SELECT", "INSERT", "UPDATE")},
    "worker": {"flash_flashsale": ("SELECT", "UPDATE"), "flash_flashpurchase": ("SELECT", "UPDATE")},
    "admin": {
        "flash_flashsale": ("SELECT", "INSERT", "UPDATE", "DELETE"),
        # The staff cancels orders.
        "flash_flashpurchase": ("SELECT", "UPDATE"),
    },
}
