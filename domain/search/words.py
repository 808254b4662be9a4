"""Words that residents say, beside those that an office writes into its documents."""

from __future__ import annotations

_FILLERS = """
应该怎么办理 需要什么材料 要办什么手续 要办哪些手续 要什么材料 带什么材料 是怎么回事
办哪些手续 办什么手续 有什么说法 怎么办理 如何办理 在哪里办 怎么申请 如何申请 问一下儿
去哪里办 上哪里办 能不能办 打听一下 有么说法 怎么回事 该怎么办 可不可以 需不需要 怎么办
能申请 的地方 在哪办 去哪办 在哪里 去哪里 到哪里 上哪里 在哪儿 去哪儿 上哪儿 到哪儿 多少钱
要多久 可以吗 有没有 能不能 要不要 用不用 行不行 管不管 能给个 问一下 找谁管 该找谁 归谁管
谁能管 谁来管 怎么弄 怎么整 怎么样 哪合儿 这合儿 老师儿 老师傅 地方 申请 申领 能给 问问 找谁
谁管 怎么 怎样 如何 哪里 哪合 哪儿 上哪 去哪 到哪 在哪 我想 我要 想要 想办 要办 需要 办理
可以 帮我 请问 什么 哪些 我家 我们 俺们 俺家 您好 你好 谢谢 今年 现在 还能 以后 一下 咋办
咋弄 咋整 咋 俺 恁 啥 了 的 吗 呢 吧 啊 呀 嘛 啵 咧 哩 我 想 要 办 请 在 去 给 把 得 都 有
么 能 不 是 和 谁
"""
# Words that only say that a person asks; longest first, so that the longest is removed.
FILLERS = tuple(_FILLERS.split())

# Words that people say for the same, and the one of them that search words use.
ALIKE = {
    "补贴": "补助 发钱 领钱 给钱 有钱领",
    "补助": "补贴 发钱 领钱 给钱 有钱领",
    "大病": "癌 肿瘤 白血病 尿毒症 透析 化疗 放疗 心梗 脑梗 脑出血",
    "老人": (
        "爹 娘 爸 妈 老爸 老妈 父亲 母亲 爷爷 奶奶 姥姥 姥爷 公公 婆婆 岳父 岳母 老头 老太太 "
        "老嬷嬷 老两口 老伴"
    ),
    "孩子": "小孩 娃 宝宝 宝贝 儿子 闺女 女儿 小妮儿 小厮",
    "丢": "掉了 找不到 找不着 不见 木有 弄没 遗失",
    "没钱": "付不起 交不起 掏不起 没有钱",
    "狗": "犬 泰迪 金毛 小狗 狗狗",
}

# Words for relatives: what is asked is about something else, so an answer need not hold them.
RELATIVES = (
    "爹 娘 爸 妈 老爸 老妈 父亲 母亲 爷爷 奶奶 姥姥 姥爷 公公 婆婆 岳父 岳母 老头 老太太 "
    "老嬷嬷 老伴 丈夫 老公 媳妇 老婆 爱人 对象 那口子 亲人 家里 家人"
)
