"""通知用语: the text of notifications, in both languages. Plain text with facts in braces.

Short, useful at a glance, and nothing private on a locked screen: no service item, no resident's
name, nothing that a person wrote. What to do comes last, where the eye stops.
"""

from __future__ import annotations

from typing import NamedTuple

from push.tables import Kind, Language

ZH, EN = Language.CHINESE, Language.ENGLISH


class Words(NamedTuple):
    title: str
    body: str


WORDS: dict[Kind, dict[Language, Words]] = {
    Kind.TICKET_NEAR: {
        ZH: Words("{number} 快到了", "前面还有 {ahead} 位，请回到{hall}。"),
        EN: Words("{number}: {ahead} ahead", "Please come back to {hall}."),
    },
    Kind.TICKET_CALLED: {
        ZH: Words("{number} 请到 {counter} 号窗口", "{hall}正在叫您的号。"),
        EN: Words("{number}: counter {counter}, please", "{hall} is calling your number."),
    },
    Kind.TICKET_PASSED: {
        ZH: Words("{number} 已过号", "您的号没有作废，打开页面看怎样接着排。"),
        EN: Words("{number} was passed", "Your number still counts. Open the page to come back."),
    },
    Kind.TICKET_MOVED: {
        ZH: Words("{number} 请再等一等", "您的号回到了队里，位置不变。打开页面看前面几位。"),
        EN: Words("{number} waits again", "It kept its place. Open the page to see who is ahead."),
    },
    Kind.HALL_CLOSED: {
        ZH: Words("{number} 今天没有轮到", "{hall}今天不再叫号，很抱歉。打开页面看下一步。"),
        EN: Words("{number} was not reached", "{hall} calls no more numbers today. We are sorry."),
    },
    Kind.HALL_HOURS: {
        ZH: Words("{number} 今天开放时间有变", "{hall}今天开放 {hours}。打开页面看。"),
        EN: Words("{number}: other hours today", "{hall} is open {hours}. See who is ahead."),
    },
    Kind.BAD_RATING: {
        ZH: Words("有人等您回访", "{hall}收到一条差评，请按时回访。"),
        EN: Words("Someone waits for a call-back", "{hall} was given a bad rating."),
    },
    Kind.MATTER_ANSWERED: {
        ZH: Words("您写的事有答复了", "打开页面看答复。"),
        EN: Words("You have an answer", "Open the page to read it."),
    },
    Kind.INQUIRY_ANSWERED: {
        ZH: Words("您也想知道的事有答复了", "打开页面看答复。"),
        EN: Words("What you want to know too was answered", "Open the page to read it."),
    },
    Kind.INQUIRY_MODERATED: {
        ZH: Words("您的质询没有照原话公开", "打开页面看原因，可以提出异议。"),
        EN: Words(
            "Your question is not shown as written",
            "Open the page to read why. You can object.",
        ),
    },
    Kind.PROMISE_NEWS: {
        ZH: Words("您关注的承诺有新消息", "打开页面看办得怎么样。"),
        EN: Words("News of a promise you follow", "Open the page to see how it stands."),
    },
    Kind.DISCLOSURE_NEW: {
        ZH: Words("您关注的社区有新公开", "{place}。打开页面看公开了什么。"),
        EN: Words("Something new was published", "{place}. Open the page to read it."),
    },
    Kind.DISCLOSURE_CHANGED: {
        ZH: Words("您关注的公开有更正", "{place}。打开页面看改了什么。"),
        EN: Words("A disclosure was corrected", "{place}. Open the page to see what changed."),
    },
    Kind.DAY_SOON: {
        ZH: Words("社区请您来坐坐", "{place}，{when} 开始。打开页面看议题。"),
        EN: Words("Your community invites you", "{place}, {when}. Open the page for the agenda."),
    },
    Kind.DAY_CHANGED: {
        ZH: Words("社区的活动有变", "{place}。先别按原来的时间去，打开页面看。"),
        EN: Words("Plans of your community changed", "{place}. Open the page before you go."),
    },
    Kind.MATTER_WAITS: {
        ZH: Words("有居民等您答复", "{place}。打开页面看最晚哪天答复。"),
        EN: Words("A resident waits for your answer", "{place}. Open the page to see by when."),
    },
    Kind.MATTER_ASKED: {
        ZH: Words("同事有件事问您", "{place}。打开页面看。"),
        EN: Words("A colleague asks you something", "{place}. Open the page to read it."),
    },
    Kind.DISCLOSURE_DUE: {
        ZH: Words("有公开事项快到期了", "{place}。打开页面看是哪一项、最晚哪天。"),
        EN: Words("Something is due to be published", "{place}. Open the page to see by when."),
    },
    Kind.DISCLOSURE_OVERDUE: {
        ZH: Words("有公开事项已经逾期", "{place}。居民也看得到，请尽快公开。"),
        EN: Words("A disclosure is overdue", "{place}. Residents can see it too. Open the page."),
    },
    Kind.EMAIL_CHECK: {
        ZH: Words(
            "请确认邮箱", "有人请连心把通知发到这个邮箱。是您，就打开页面确认；不是，就不用理会。"
        ),
        EN: Words(
            "Is this your address?",
            "Someone asked Lianxin to send notices here. If it was you, open the page; "
            "if not, do nothing.",
        ),
    },
}

# The body where a title may be said: in the inbox, and in notifications of those who chose so.
TITLED = {ZH: "{place}：《{title}》", EN: "{place}: “{title}”"}

# Of `TICKET_NEAR` when nobody is ahead any more.
NEXT = {
    ZH: Words("{number} 下一位就是您", "请在{hall}等候叫号。"),
    EN: Words("{number}: you are next", "Please be at {hall}."),
}

# Before the link at the end of a letter.
STOPPING = {ZH: "不想再收到邮件通知，请打开：", EN: "To get no more of these e-mails, open:"}
