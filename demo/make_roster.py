"""Writes `roster.csv`: the invented members of the demonstration federation.

    python demo/make_roster.py

Reads `units.csv` beside it and nothing else. Every choice comes from SHA-256 over a seed and a counter, so
the same script and the same units give the same bytes on every machine and Python release. The members are
invented: names are put together from lists of common syllables, the telephone numbers use the prefix 194,
which was not given to any operator in China when this was written, and the e-mail addresses end in
`example.invalid`.
"""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).parent
SEED = "Haichuan 1"
TOTAL = 3000
HEADINGS = ("会员号", "姓名", "手机", "邮箱", "单位编码", "入会日期")
FIRST_PHONE = 19400000001
JOINED_FROM, JOINED_TO = date(1991, 3, 1), date(2026, 6, 30)

# Six branches stay below the thirty members that a public board asks for; three are as large as branches get.
FIXED_SIZES = {
    "HC-E-05": 14,
    "HC-M-04": 11,
    "HC-S-04": 18,
    "HC-ED-05": 23,
    "HC-HE-05": 27,
    "HC-Y-04": 8,
    "HC-E-01": 160,
    "HC-HE-01": 152,
    "HC-CO-01": 148,
}
SMALLEST, LARGEST = 31, 130

# Members whose telephone is also that of the member one, two, three… places before them in the roster
# (two jobs, or a couple with one telephone): they choose by member number when they sign in.
SHARED_PHONES = {412: 1, 977: 1, 1583: 2, 2206: 1, 2871: 3}

SURNAMES = (
    # The commonest are listed more than once, so that they come up more often.
    "王王王王李李李李张张张张刘刘刘陈陈陈杨杨赵赵黄黄周周吴吴徐徐孙孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈"
    "曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹"
    "黎易常武乔贺赖龚文樊施洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢骆岳齐梅庄辛管祝左涂谷祁时舒耿卜詹关苗凌"
)
COMPOUND_SURNAMES = [
    "欧阳",
    "上官",
    "司徒",
    "诸葛",
    "慕容",
    "皇甫",
    "尉迟",
    "夏侯",
    "东方",
    "令狐",
    "端木",
    "公孙",
]
FIRST_SYLLABLES = (
    "建国志文明玉秀春海永德晓雅思雨子佳宏立家世正新光庆金桂兰凤美丽淑云月红彩素惠慧静燕巧清林树福长荣兴宝宗昌"
    "泽浩嘉俊梓欣一亦若景书希安允同启承远景松柏岩川江河星辰霞冬秋夏"
)
LAST_SYLLABLES = (
    "军民平华生根发田贵山峰岭涛波洋鹏飞宇轩航凯杰辉亮刚勇斌强伟敏梅芳英珍琴香莲娟霞玲萍莉琳娜婷颖洁雪蓉菊芬"
    "娥珠燕妮瑶琪怡萱涵彤蕾薇岚溪澄源泉楠桐枫柏松森林岩石安宁康乐成功胜利达远望舟帆阳晖旭东南北"
)
SINGLE_NAMES = "涛磊鑫洋静敏婷超勇倩娟丹颖琳岩帆昊淼钰宁欢楠辉彬晨蕊瑞冉泉旻"
UYGHUR_FIRST = [
    "阿依古丽",
    "古丽娜尔",
    "麦麦提",
    "艾力",
    "阿不都",
    "祖丽胡玛尔",
    "热依汗",
    "帕尔哈提",
    "迪丽娜尔",
    "吐尔逊",
]
UYGHUR_LAST = ["买买提", "艾合买提", "吐尔迪", "卡德尔", "阿西木", "热合曼", "依明", "玉素甫"]
TIBETAN_FIRST = ["扎西", "次仁", "洛桑", "卓玛", "央金", "格桑", "旦增", "德吉"]
TIBETAN_LAST = ["多吉", "平措", "拉姆", "旺堆", "曲珍", "罗布", "白玛"]
MONGOLIAN = [
    "巴特尔",
    "其其格",
    "苏日娜",
    "那日苏",
    "乌云其木格",
    "朝鲁",
    "阿古拉",
    "娜仁花",
    "哈斯",
    "萨仁",
    "宝音",
    "塔娜",
    "青格勒",
    "乌日娜",
]
KOREAN_SURNAMES, KOREAN_NAMES = "朴金崔安", ["英姬", "哲洙", "顺玉", "明哲", "贞淑", "成日", "美花", "光浩"]


class Stream:
    """An endless supply of numbers that depends on nothing but its name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0

    def below(self, bound: int) -> int:
        """This function will return the next number from 0 up to, not including, `bound`."""
        self.count += 1
        digest = hashlib.sha256(f"{SEED}/{self.name}/{self.count}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % bound

    def pick(self, choices: Sequence[str]) -> str:
        """This function will return one of the choices."""
        return choices[self.below(len(choices))]


def read_units() -> list[dict[str, str]]:
    """This function will return the rows of `units.csv`."""
    with (HERE / "units.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def size_branches(branches: Sequence[str]) -> dict[str, int]:
    """This function will return how many members each branch has; the sizes add up to TOTAL."""
    stream = Stream("sizes")
    free = [code for code in branches if code not in FIXED_SIZES]
    # The product of two numbers makes small branches commoner than large ones, as they are.
    sizes = {c: SMALLEST + stream.below(100) * stream.below(100) // 100 for c in free}
    wanted = TOTAL - sum(FIXED_SIZES[code] for code in branches if code in FIXED_SIZES)
    step = 1 if sum(sizes.values()) < wanted else -1
    while sum(sizes.values()) != wanted:
        code = stream.pick(free)
        if SMALLEST <= sizes[code] + step <= LARGEST:
            sizes[code] += step
    return {code: FIXED_SIZES.get(code) or sizes[code] for code in branches}


def invent_name(stream: Stream) -> str:
    """This function will return an invented name: Han in 96 of 100, of two, three or four characters."""
    kind = stream.below(1000)
    if kind < 14:
        return f"{stream.pick(UYGHUR_FIRST)}·{stream.pick(UYGHUR_LAST)}"
    if kind < 24:
        return stream.pick(TIBETAN_FIRST) + stream.pick(TIBETAN_LAST)
    if kind < 34:
        return stream.pick(MONGOLIAN)
    if kind < 42:
        return stream.pick(KOREAN_SURNAMES) + stream.pick(KOREAN_NAMES)
    surname = stream.pick(COMPOUND_SURNAMES) if kind < 56 else stream.pick(SURNAMES)
    if stream.below(100) < 17:
        return surname + stream.pick(SINGLE_NAMES)
    first, last = stream.pick(FIRST_SYLLABLES), stream.pick(LAST_SYLLABLES)
    return surname + first + last


def place_members(units: Sequence[dict[str, str]]) -> Iterator[str]:
    """This function will return the unit of each member in turn: a group where the branch has groups."""
    branches = [unit["编码"] for unit in units if unit["类型"] == "基层工会"]
    groups: dict[str, list[str]] = {code: [] for code in branches}
    for unit in units:
        if unit["类型"] == "工会小组":
            groups[unit["上级编码"]].append(unit["编码"])
    for branch, size in size_branches(branches).items():
        stream = Stream(f"place/{branch}")
        # Officers and people between groups are members of the branch itself.
        chosen = [
            stream.pick(groups[branch]) if groups[branch] and stream.below(100) < 92 else branch for _ in range(size)
        ]
        yield from sorted(chosen)


def invent_members(units: Sequence[dict[str, str]]) -> Iterator[tuple[str, ...]]:
    """This function will return the roster, line by line, without its headings."""
    names, dates, mails = Stream("names"), Stream("dates"), Stream("mails")
    days = (JOINED_TO - JOINED_FROM).days
    for number, unit in enumerate(place_members(units), start=1):
        # The later of two days, so that more people joined lately than long ago.
        joined = JOINED_FROM + timedelta(days=max(dates.below(days), dates.below(days)))
        member_no = f"HC{number:07d}"
        phone = str(FIRST_PHONE + number - 1 - SHARED_PHONES.get(number, 0))
        email = f"{member_no.lower()}@example.invalid" if mails.below(100) < 6 else ""
        yield member_no, invent_name(names), phone, email, unit, joined.isoformat()


def main() -> None:
    """This function will write the roster beside this file."""
    with (HERE / "roster.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADINGS)
        writer.writerows(invent_members(read_units()))


if __name__ == "__main__":
    main()
