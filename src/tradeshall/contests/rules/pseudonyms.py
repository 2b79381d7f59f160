"""Names under which people stand on a board: a tree, a bird, a stone or a tool, and a number."""

from __future__ import annotations

import secrets

WORDS: dict[str, str] = {
    "云杉": "Spruce", "白桦": "Birch", "银杏": "Ginkgo", "红松": "Pine", "香樟": "Camphor", "胡杨": "Poplar",
    "水杉": "Redwood", "山楂": "Hawthorn", "橡树": "Oak", "枫树": "Maple", "柳树": "Willow", "榆树": "Elm",
    "海棠": "Crabapple", "石榴": "Pomegranate", "桂花": "Osmanthus", "玉兰": "Magnolia", "芦苇": "Reed",
    "菖蒲": "Calamus", "薄荷": "Mint", "艾草": "Mugwort", "苜蓿": "Clover", "向日葵": "Sunflower",
    "蒲公英": "Dandelion", "百合": "Lily", "鸢尾": "Iris", "兰草": "Orchid", "木棉": "Kapok", "翠竹": "Bamboo",
    "白鹭": "Egret", "喜鹊": "Magpie", "云雀": "Skylark", "海鸥": "Gull", "雨燕": "Swift", "鸿雁": "Wildgoose",
    "翠鸟": "Kingfisher", "啄木鸟": "Woodpecker", "画眉": "Thrush", "黄鹂": "Oriole", "鹤": "Crane",
    "戴胜": "Hoopoe", "鲸": "Whale", "海豚": "Dolphin", "锦鲤": "Carp", "鲟鱼": "Sturgeon", "骆驼": "Camel",
    "麋鹿": "Elk", "羚羊": "Antelope", "水獭": "Otter", "松鼠": "Squirrel", "蜻蜓": "Dragonfly",
    "玛瑙": "Agate", "石英": "Quartz", "花岗岩": "Granite", "青石": "Bluestone", "琥珀": "Amber", "碧玉": "Jasper",
    "赤铁": "Hematite", "黄铜": "Brass", "青铜": "Bronze", "白瓷": "Porcelain", "砂岩": "Sandstone",
    "石墨": "Graphite", "榔头": "Mallet", "铁锚": "Anchor", "齿轮": "Gear", "罗盘": "Compass", "墨斗": "Inkline",
    "刨子": "Plane", "凿子": "Chisel", "梭子": "Shuttle", "风箱": "Bellows", "船舵": "Rudder", "铆钉": "Rivet",
    "犁铧": "Plough", "天平": "Balance", "铅锤": "Plumb", "砧子": "Anvil", "信号灯": "Signal", "灯塔": "Lighthouse",
    "码头": "Quay", "云梯": "Ladder", "水车": "Waterwheel", "石桥": "Bridge", "风帆": "Sail", "晨光": "Dawn",
    "海潮": "Tide", "清泉": "Spring", "山岚": "Mist", "北斗": "Dipper", "朝霞": "Sunrise", "新雪": "Snow",
    "春雨": "Rain", "秋月": "Moon", "长风": "Wind", "彩虹": "Rainbow", "浪花": "Spray",
}  # fmt: skip
_NAMES = tuple(WORDS)


def random_pseudonym(digits: int = 4) -> str:
    """Return a pseudonym at random: `云杉 0382`. More digits make two of the same less likely."""
    return f"{secrets.choice(_NAMES)} {secrets.randbelow(10**digits):0{digits}d}"


def pseudonym_in(language: str, pseudonym: str) -> str:
    """Return how a stored pseudonym is shown in a language: `Spruce 0382` in every one but Chinese."""
    if language.startswith("zh"):
        return pseudonym
    word, _, number = pseudonym.partition(" ")
    return f"{WORDS.get(word, word)} {number}".rstrip()
