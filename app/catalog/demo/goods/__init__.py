"""What stands on the demo shop's shelves."""

from catalog.demo.goods import digital, home, pantry, style
from catalog.demo.goods.kinds import Goods

GOODS: tuple[Goods, ...] = (*digital.GOODS, *pantry.GOODS, *home.GOODS, *style.GOODS)
