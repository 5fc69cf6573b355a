"""The demo shop: what stands on its shelves."""

from dataclasses import dataclass

CATEGORIES = (("digital", "数码配件"), ("tea", "茶叶零食"), ("home", "居家日用"), ("style", "服饰文创"))


@dataclass(frozen=True)
class DemoProduct:
    """One product as it is first put on sale."""

    category: str
    sku: str
    name: str
    description: str
    price_fen: int
    stock: int


PRODUCTS = (
    DemoProduct("digital", "DG-001", "磨砂手机壳", "亲肤磨砂，防摔四角，多款机型可选。", 2990, 500),
    DemoProduct("digital", "DG-002", "快充数据线", "一米五编织线，支持六十瓦快充。", 1990, 800),
    DemoProduct("digital", "DG-003", "蓝牙耳机", "半入耳式，单次续航六小时。", 12900, 200),
    DemoProduct("digital", "DG-004", "无线充电板", "十五瓦磁吸，放上就充。", 6900, 150),
    DemoProduct("digital", "DG-005", "桌面手机支架", "铝合金支架，角度随意调。", 3500, 300),
    DemoProduct("digital", "DG-006", "迷你充电宝", "一万毫安时，可带上飞机。", 8900, 8),
    DemoProduct("tea", "TE-001", "明前龙井", "西湖产区，清明前手工采摘，一百克。", 16800, 120),
    DemoProduct("tea", "TE-002", "正山小种", "桐木关红茶，桂圆香，一百五十克。", 9800, 160),
    DemoProduct("tea", "TE-003", "陈年普洱", "云南大叶种，五年陈熟茶饼。", 12800, 90),
    DemoProduct("tea", "TE-004", "茉莉花茶", "七窨一提，鲜灵回甘。", 5800, 240),
    DemoProduct("tea", "TE-005", "手工牛轧糖", "花生奶香，独立包装，五百克。", 3980, 400),
    DemoProduct("tea", "TE-006", "每日坚果", "六种坚果果干，三十小包。", 7900, 350),
    DemoProduct("home", "HM-001", "陶瓷盖碗", "白瓷三件套，一百五十毫升。", 4800, 180),
    DemoProduct("home", "HM-002", "不锈钢保温杯", "十二小时保温，五百毫升。", 7900, 260),
    DemoProduct("home", "HM-003", "纯棉毛巾", "新疆长绒棉，三条装。", 3900, 600),
    DemoProduct("home", "HM-004", "桂花香薰", "天然植物蜡，可燃三十小时。", 5900, 140),
    DemoProduct("home", "HM-005", "竹制砧板", "整竹压制，不易开裂。", 4500, 220),
    DemoProduct("home", "HM-006", "折叠雨伞", "八骨抗风，一键开合。", 4900, 5),
    DemoProduct("style", "ST-001", "真丝围巾", "桑蚕丝，手绘花鸟纹样。", 19900, 60),
    DemoProduct("style", "ST-002", "帆布手提袋", "加厚帆布，可装下电脑。", 2900, 450),
    DemoProduct("style", "ST-003", "纯棉短袖", "二百二十克重磅棉，四季可穿。", 6900, 500),
    DemoProduct("style", "ST-004", "羊毛袜", "两双装，厚实保暖。", 2600, 700),
    DemoProduct("style", "ST-005", "宣纸笔记本", "手工线装，八十页。", 3200, 310),
    DemoProduct("style", "ST-006", "黄铜书签", "镂空梅兰竹菊，四枚一套。", 1800, 0),
)
