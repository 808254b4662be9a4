"""Where a Chinese heading may break: before a word, never within one."""

from __future__ import annotations

import re

# Chinese has no blanks, and no browser knows its words: balanced lines broke 刘家庄社/区服务大厅.
# With `word-break: keep-all` a heading breaks at `<wbr>` alone, and these words of the handbook and
# of the halls get one. What belongs to the word before, such as 社区, 街道 and 证, is not among
# them, and neither are names, so a name of a place or a person stays whole.
# Not taken: `Intl.Segmenter`, which cuts after the page was drawn, so that its lines move; and a
# dictionary of a whole language for three hundred titles.
_WORDS = """
便民服务大厅 便民服务厅 服务大厅 服务 申请表 登记表 授权书 申请 登记 认定 办理 补办 换领 申领 补领
补换 签注 签约 补贴 补助 救助 津贴 资格 认证 领取 待遇 老年人 残疾人 困难 家庭 扶助 奖励 特别 护理
生活 医疗 养老 社会保险 保险 参保 居民 就业 创业 担保 贷款 租赁 住房 资金 使用 维修 意见 电梯 辅助
器具 适配 改造 适老化 志愿者 注册 组织 关系 接转 预约 接种 律师 咨询 岗位 报名 子女 入学 指引 迁移
优待证 优待金 居住证 犯罪 记录 证明 问题 反映 建档立卡 退役军人 军人 助餐 免疫 供养 公开 情况 修改
发布 限制 邮件 通知 联系 党员 保障 办结 事项 张贴 居委会 委员会 协商 听证会 报到 社会 备案 承诺书
定期 两项 申报 缴费 调解
"""
_HEADING = re.compile(r"<h1\b.*?</h1>", re.DOTALL)
# A tag is passed over whole, with its attributes.
_WORD = re.compile("<[^>]*>|" + "|".join(sorted(_WORDS.split(), key=len, reverse=True)))
_CHINESE = re.compile("[\u3400-\u9fff]")
# 9 月份, of which the figure would stay behind.
_AFTER_FIGURE = re.compile("(?<=\\d) (?=[\u3400-\u9fff])")


def with_breaks(html: str) -> str:
    """A page whose first heading has a `<wbr>` wherever it may break."""
    return _HEADING.sub(_with_breaks, html, count=1)


def _with_breaks(heading: re.Match[str]) -> str:
    return _AFTER_FIGURE.sub("\u00a0", _WORD.sub(_broken, heading[0]))


def _broken(word: re.Match[str]) -> str:
    before = word.string[: word.start()][-1:]
    is_inside = _CHINESE.match(before) and not word[0].startswith("<")
    return f"<wbr>{word[0]}" if is_inside else word[0]
