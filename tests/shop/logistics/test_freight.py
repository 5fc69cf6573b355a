"""What delivery costs: the calculation, and which rule it is made from."""

import pytest

from logistics import seed, selectors
from logistics.models import FreightRule
from logistics.pricing import Rate, freight
from logistics.provinces import canonical
from logistics.uploading import Upload, objection

USUAL = Rate(base_fen=800, free_above_fen=9900, first_grams=1000, step_grams=500, step_fen=200)
NEVER_FREE = Rate(base_fen=800, free_above_fen=None, first_grams=1000, step_grams=500, step_fen=200)
FLAT = Rate(base_fen=600, free_above_fen=None, first_grams=0, step_grams=1000, step_fen=0)


@pytest.mark.parametrize(
    ("rate", "goods_fen", "weight_grams", "expected"),
    [
        (USUAL, 1000, 0, 800),
        (USUAL, 1000, 1000, 800),
        (USUAL, 1000, 1001, 1000),
        (USUAL, 1000, 1500, 1000),
        (USUAL, 1000, 1501, 1200),
        (USUAL, 9899, 100_000, 800 + 198 * 200),
        (USUAL, 9900, 100_000, 0),
        (NEVER_FREE, 1_000_000, 1000, 800),
        (FLAT, 1, 50_000, 600),
        (Rate(0, None, 1000, 1000, 0), 1, 1, 0),
        (Rate(500, 0, 1000, 1000, 0), 0, 1, 0),
    ],
)
def test_freight_is_a_base_price_and_steps(
    rate: Rate, goods_fen: int, weight_grams: int, expected: int
) -> None:
    assert freight(rate, goods_fen=goods_fen, weight_grams=weight_grams) == expected


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("广东省", "广东"),
        ("广东", "广东"),
        (" 北京市 ", "北京"),
        ("广西壮族自治区", "广西"),
        ("新疆维吾尔自治区", "新疆"),
        ("宁夏回族自治区", "宁夏"),
        ("西藏自治区", "西藏"),
        ("香港特别行政区", "香港"),
        ("省", "省"),
        ("", ""),
    ],
)
def test_provinces_have_one_short_name(written: str, short: str) -> None:
    assert canonical(written) == short


@pytest.mark.parametrize(
    ("upload", "uploads", "expected"),
    [
        (Upload.PENDING, 0, "upload_pending"),
        (Upload.PENDING, 1, "upload_pending"),
        (Upload.ACCEPTED, 1, None),
        (Upload.ACCEPTED, 2, "reship_used"),
        (Upload.REFUSED, 0, None),
        (Upload.REFUSED, 1, None),
        (Upload.REFUSED, 2, "reship_used"),
    ],
)
def test_a_shipment_is_corrected_once(upload: Upload, uploads: int, expected: str | None) -> None:
    assert objection(upload, uploads=uploads) == expected


def cost(province: str, goods_fen: int = 1000) -> int:
    return selectors.freight(province=province, goods_fen=goods_fen, weight_grams=500)


def test_a_provinces_own_rule_goes_before_the_one_for_all() -> None:
    assert cost("广东省") == 0
    FreightRule.objects.create(base_fen=800)
    FreightRule.objects.create(province="新疆", base_fen=1800, free_above_fen=5000)
    assert [cost(name) for name in ("广东省", "新疆维吾尔自治区", "新疆", "")] == [800, 1800, 1800, 800]
    assert cost("新疆", 5000) == 0
    FreightRule.objects.filter(province="").delete()
    assert [cost("广东省"), cost("新疆")] == [0, 1800]


def test_merchants_may_write_a_province_in_full() -> None:
    rule = FreightRule(province="新疆维吾尔自治区", base_fen=1800)
    rule.full_clean()
    rule.save()
    assert cost("新疆") == 1800


def test_seeding_twice_changes_nothing_and_keeps_the_merchants_changes() -> None:
    assert seed.seed() > 0
    FreightRule.objects.update(base_fen=1)
    assert seed.seed() == 0
    assert cost("新疆") == 1
