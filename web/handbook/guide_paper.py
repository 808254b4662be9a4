"""办事指南: the form of an item's guide, and its page as residents will see it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm.attributes import set_committed_value
from starlette.exceptions import HTTPException

from domain.handbook.fit import Lead
from domain.handbook.guide import DocumentForm, DocumentPicture, LifeEvent
from domain.handbook.tables import ServiceItem
from domain.papers import kinds, versions
from domain.papers.versions import PublishedMeanwhileError, UnchangedError
from domain.words import N_
from web.handbook import guides
from web.papers.desk.paper import current_of
from web.papers.form.shape import FormSpec
from web.papers.form.words import ONE_A_LINE
from web.papers.preview import page_of
from web.papers.spec import PaperSpec
from web.site.answers import Redirect

if TYPE_CHECKING:
    from domain.places.tables import Community
    from domain.published import Published
    from web.papers.spec import PaperVisit, Preview
    from web.site.pages import Page

LABELS = {
    "ServiceGuide.name": N_("Name of the item"),
    "ServiceGuide.code": N_("Code"),
    "ServiceGuide.version": N_("Edition"),
    "ServiceGuide.everyday_names": N_("What people call it"),
    "ServiceGuide.search_words": N_("Words people search for"),
    "ServiceGuide.summary": N_("In one sentence"),
    "ServiceGuide.audience": N_("Who can apply"),
    "ServiceGuide.conditions": N_("Conditions"),
    "ServiceGuide.fit": N_("Is this for me?"),
    "FitAnswer": N_("Answer"),
    "FitAnswer.question": N_("Question"),
    "FitAnswer.answer": N_("Answer"),
    "FitAnswer.leads": N_("What follows"),
    "FitAnswer.why": N_("What to do, or why not"),
    "FitAnswer.see": N_("Guide to see instead"),
    "ServiceGuide.documents": N_("Documents to bring"),
    "RequiredDocument": N_("Document"),
    "RequiredDocument.name": N_("Name of the document"),
    "RequiredDocument.form": N_("Original or copy"),
    "RequiredDocument.copies": N_("How many"),
    "RequiredDocument.issuer": N_("Where to get it"),
    "RequiredDocument.needed": N_("Only needed when"),
    "RequiredDocument.accepted": N_("What else is accepted"),
    "RequiredDocument.picture": N_("Drawing"),
    "RequiredDocument.blank": N_("Fields of the blank form"),
    "ServiceGuide.steps": N_("Steps"),
    "Step": N_("Step"),
    "Step.what": N_("What happens"),
    "Step.who": N_("Who does it"),
    "Step.takes": N_("How long it takes"),
    "ServiceGuide.statutory_days": N_("Working days the law allows"),
    "ServiceGuide.promised_days": N_("Working days we promise"),
    "ServiceGuide.urgent": N_("Urgent handling"),
    "UrgentHandling.ground": N_("Grounds for finishing in three working days"),
    "ServiceGuide.fee": N_("Fee"),
    "Fee.yuan": N_("Yuan"),
    "Fee.note": N_("Note on the fee"),
    "Fee.basis": N_("Rule it is based on"),
    "ServiceGuide.visits": N_("Visits in person"),
    "ServiceGuide.where": N_("Where"),
    "ServiceGuide.online": N_("Do it online"),
    "Online.name": N_("Name of the site or app"),
    "Online.address": N_("Web address"),
    "Online.how": N_("Where to find it there"),
    "ServiceGuide.proxy": N_("Coming in someone's place"),
    "Proxy.who": N_("Who may come"),
    "Proxy.bring": N_("What they bring"),
    "ServiceGuide.enquiry_phone": N_("Telephone for questions"),
    "ServiceGuide.complaint_phone": N_("Telephone for complaints"),
    "ServiceGuide.legal_basis": N_("Legal basis"),
    "LegalBasis": N_("Basis"),
    "LegalBasis.title": N_("What it is called"),
    "LegalBasis.number": N_("Number"),
    "LegalBasis.article": N_("Article"),
    "ServiceGuide.result": N_("Result"),
    "Result.what": N_("What people receive"),
    "Result.how": N_("How to receive it"),
    "ServiceGuide.questions": N_("Questions and answers"),
    "Question": N_("Question"),
    "Question.question": N_("Question"),
    "Question.answer": N_("Answer"),
    "ServiceGuide.related": N_("Often done together with"),
    "ServiceGuide.life_events": N_("Shown when this happens"),
    "ServiceGuide.assured": N_("Check"),
    "Assurance.date": N_("Checked on"),
    "Assurance.by": N_("Checked by (post)"),
    "ItemGuide.category": N_("Category"),
    "ItemGuide.withdrawn": N_("No longer offered: what to do instead"),
}
HELPS = {
    "ServiceGuide.everyday_names": ONE_A_LINE,
    "ServiceGuide.search_words": N_(
        "One per line, at least three; include words that only residents use, and English ones."
    ),
    "ServiceGuide.summary": N_("6 to 60 characters; shown in lists."),
    "ServiceGuide.conditions": ONE_A_LINE,
    "ServiceGuide.fit": N_(
        "Two to five questions, or none, with a row for each answer. It is only a first look."
    ),
    "FitAnswer.question": N_("Leave it empty for another answer to the question above."),
    "FitAnswer.why": N_("Only for an answer that ends the questions."),
    "ServiceGuide.code": N_("Capital letters, digits and hyphens, as in the official list."),
    "RequiredDocument.needed": N_("Leave it empty if everyone needs it."),
    "RequiredDocument.blank": N_("One per line. Residents can then print a blank form at home."),
    "Step.takes": N_("In words: at once, about 10 minutes, 3 working days."),
    "ServiceGuide.statutory_days": N_("0 means on the spot."),
    "ServiceGuide.promised_days": N_("0 means on the spot. No more than the law allows."),
    "ServiceGuide.urgent": N_("Leave it empty if there is none."),
    "Fee.yuan": N_("0 if it is free."),
    "ServiceGuide.visits": N_("0 if nobody needs to come."),
    "ServiceGuide.online": N_("Leave it empty if it cannot be done online."),
    "Online.address": N_(
        "Leave it empty for an app. /contacts leads to this community's contacts."
    ),
    "ServiceGuide.proxy": N_("Leave it empty if people must come in person."),
    "Proxy.bring": ONE_A_LINE,
    "Assurance.by": N_("An office or a post, never a person's name."),
    "ItemGuide.withdrawn": N_(
        "Leave it empty while it is offered. If you fill it in, the item leaves all lists."
    ),
}
OPTIONS = (
    (DocumentForm.ORIGINAL, N_("original")),
    (DocumentForm.COPY, N_("copy")),
    (DocumentForm.BOTH, N_("original and copy")),
    (DocumentForm.ELECTRONIC, N_("electronic is enough")),
    (DocumentPicture.ID_CARD, N_("identity card")),
    (DocumentPicture.HOUSEHOLD_REGISTER, N_("household register")),
    (DocumentPicture.BANK_CARD, N_("bank card")),
    (DocumentPicture.SOCIAL_CARD, N_("social security card")),
    (DocumentPicture.PHOTO, N_("photograph")),
    (DocumentPicture.CERTIFICATE, N_("certificate")),
    (DocumentPicture.FORM, N_("form")),
    (DocumentPicture.LETTER, N_("letter")),
    (DocumentPicture.MEDICAL, N_("medical paper")),
    (DocumentPicture.PROPERTY, N_("property deed")),
    (DocumentPicture.CONTRACT, N_("contract")),
    (DocumentPicture.RECEIPT, N_("receipt")),
    (Lead.NEXT, N_("on to the next question")),
    (Lead.FITS, N_("this is for you")),
    (Lead.NOT, N_("probably not")),
    (LifeEvent.CHILD, N_("Having a child")),
    (LifeEvent.RETIRING, N_("Retiring")),
    (LifeEvent.LOSING_WORK, N_("Losing a job")),
    (LifeEvent.MOVING_IN, N_("Moving in")),
    (LifeEvent.ILLNESS, N_("Falling ill")),
    (LifeEvent.BEREAVEMENT, N_("A death in the family")),
    (LifeEvent.DISABILITY, N_("Living with a disability")),
    (LifeEvent.ELDERLY_PARENT, N_("An elderly parent")),
    (LifeEvent.NEIGHBOURS, N_("Trouble with a neighbour")),
    (LifeEvent.ARMY, N_("Joining or leaving the army")),
)
CHOICES = {
    "ItemGuide.category": "categories",
    "ServiceGuide.related": "items",
    "FitAnswer.see": "items",
}
# In the order of the page.
SECTIONS = (
    (N_("What it is"), ("name", "summary", "category", "audience", "conditions")),
    (N_("Is this for me?"), ("fit",)),
    (N_("What to bring"), ("documents",)),
    (N_("Time and cost"), ("promised_days", "statutory_days", "urgent", "fee")),
    (N_("How it works"), ("steps", "result")),
    (
        N_("Where and who"),
        ("where", "online", "visits", "proxy", "enquiry_phone", "complaint_phone"),
    ),
    (N_("Questions and answers"), ("questions",)),
    (N_("How people find it"), ("everyday_names", "search_words", "life_events", "related")),
    (N_("Basis"), ("legal_basis", "code", "version", "assured", "withdrawn")),
)


async def previewed(draft: Preview) -> Page:
    """The guide over the handbook as it would be, in the first community."""
    published = draft.visit.published
    item = _item(published, draft.paper.key, draft.document)
    published = replace(published, handbook=published.handbook.with_item(item))
    community = await published.community(next(iter(published.names)))
    return await guide_page(draft, published, community)


async def guide_page(draft: Preview, published: Published, community: Community) -> Page:
    """The guide of the document's item, in this community."""
    slug = draft.paper.key
    path = f"/handbook/{slug}"
    return await page_of(draft, published, community, path, guides.guide, item=slug)


# `set_committed_value` ties the item to its category in one direction only: through the attribute
# SQLAlchemy would add it to the category's items, which all visits share.
def _item(published: Published, slug: str, document: Any) -> ServiceItem:
    """The item as it would be; tied to its category without the category hearing of it."""
    item = ServiceItem(
        slug=slug,
        guide=document.guide(),
        is_sample=published.district.is_sample,
        withdrawn=document.withdrawn,
    )
    category = next(
        each for each in published.handbook.categories if each.letter == document.category
    )
    known = published.handbook.items.get(slug)
    item.id = known.id if known else 0
    set_committed_value(item, "category", category)
    return item


async def assure(visit: PaperVisit) -> Redirect:
    """Publish the guide with today as the day it was checked, without a reason."""
    current = await current_of(visit)
    if current.document is None:
        raise HTTPException(404)
    document = _assured(visit, current.document)
    # Assured today already, or published at this moment by another: the list shows which.
    with suppress(PublishedMeanwhileError, UnchangedError):
        await versions.publish(
            visit.session, visit.actor, visit.paper, document, current.number, "", visit.now
        )
    return Redirect(f"/staff/handbook#{visit.paper.key}")


def _assured(visit: PaperVisit, document: Any) -> Any:
    assured = {**document["assured"], "date": str(visit.staff.today)}
    return visit.paper.shape.model_validate({**document, "assured": assured})


GUIDE = PaperSpec(
    kind=kinds.GUIDE,
    name=N_("Guide"),
    path="/staff/handbook/{item}",
    fields=FormSpec(
        labels=LABELS,
        helps=HELPS,
        choices=CHOICES,
        options=OPTIONS,
    ),
    preview=previewed,
    shown_at=("/c/{community}/handbook/{item}", "/c/{community}/handbook/{item}/forms/{number}"),
    sections=SECTIONS,
    key="item",
    is_about_item=True,
    more=(("assurance", assure),),
)
