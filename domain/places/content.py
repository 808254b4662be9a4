"""What a community says about itself, as documents that can be checked."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated

from pydantic import Discriminator, Field, StringConstraints, Tag

from domain.content import Content, Day, Line, OpeningPeriod, OpeningPeriods, Phone, Slug, Text
from domain.words import CHOOSE, N_, Words

CategoryLetter = Annotated[str, StringConstraints(pattern=r"^[A-Z]$"), Words(CHOOSE)]
Degrees = Annotated[float, Words(N_("Please enter a number, such as 36.6712."))]


class Datum(StrEnum):
    """坐标系: the coordinate system of a position.

    Maps sold in China use GCJ-02, a phone's receiver WGS-84; confusing them moves a building by 500
    m.
    """

    WGS84 = "WGS-84"
    GCJ02 = "GCJ-02"


class Position(Content):
    """Degrees north and east, in the datum beside them."""

    latitude: Degrees = Field(ge=-90, le=90)
    longitude: Degrees = Field(ge=-180, le=180)
    datum: Datum


# The drawing fits itself to what the office enters, so a new facility far away changes its scale.
# A point is kept with the frame it was tapped in, or it would lie elsewhere from then on.
# Not taken: the degrees of the point. What is kept is a tap on a drawing, not where a phone is.
class MapFrame(Content):
    """What a drawing of a community shows: its middle (degrees, WGS-84), and units a metre."""

    latitude: float = Field(ge=-90, le=90, allow_inf_nan=False)
    longitude: float = Field(ge=-180, le=180, allow_inf_nan=False)
    scale: float = Field(ge=0.001, le=3, allow_inf_nan=False)


class MapPoint(Content):
    """A point on a drawing: 0 to 1 of its width from the left, and of its height from the top."""

    x: float = Field(ge=0, le=1, allow_inf_nan=False)
    y: float = Field(ge=0, le=1, allow_inf_nan=False)
    frame: MapFrame


class HoursException(Content):
    """临时调整: a day on which the hall has other hours or is closed, and why."""

    day: Day
    periods: OpeningPeriods = ()
    reason: Line


# Hours depend on the kind of day, so that a make-up working Sunday has working hours without
# anybody thinking of it.
# Not taken: a schedule by weekday.
class HallHours(Content):
    """大厅时间, by the kind of day: a make-up working Sunday is a working day.

    `exceptions` go before the kind of day: closed this afternoon, open on a Saturday.
    """

    working_day: OpeningPeriods
    saturday: OpeningPeriods = ()
    sunday: OpeningPeriods = ()
    public_holiday: OpeningPeriods = ()
    note: Text | None = None
    exceptions: tuple[HoursException, ...] = ()

    @property
    def is_written(self) -> bool:
        """Whether the office has entered any hours; a hall of a new district has none yet."""
        kinds = (self.working_day, self.saturday, self.sunday, self.public_holiday)
        return any(kinds) or bool(self.exceptions)


_ALL_DAY = (OpeningPeriod(opens=dt.time.min, closes=dt.time.max),)
# The hours of a hall in rehearsal: every kind of day, until its numbers start again at midnight.
AT_ANY_HOUR = HallHours(
    working_day=_ALL_DAY, saturday=_ALL_DAY, sunday=_ALL_DAY, public_holiday=_ALL_DAY
)


class Settlement(StrEnum):
    """社区类型: what a community grew from. It decides what must be published, and how often."""

    OLD_TOWN = "old-town"
    NEW_ESTATE = "new-estate"
    # 村改居: the rules of villages still bind it.
    FORMER_VILLAGE = "former-village"


class Electorate(Content):
    """居民和居民代表人数: what a share of either is counted from."""

    residents: int = Field(ge=1, le=1_000_000)
    representatives: int = Field(ge=1, le=10_000)
    # Where the numbers are from.
    source: Line
    confirmed_on: Day


class ZoneKind(StrEnum):
    """大厅分区."""

    CONSULTATION = "consultation"
    WAITING = "waiting"
    OFFICE = "office"


class Zone(Content):
    """大厅分区: a part of the hall and its purpose."""

    kind: ZoneKind
    name: Line
    about: Text


class CounterContent(Content):
    """窗口: its number, and the letters of the categories it serves."""

    number: int = Field(ge=1, le=99)
    name: Line
    categories: tuple[CategoryLetter, ...] = Field(min_length=1)


class StepFree(StrEnum):
    """无障碍: whether a wheelchair or a pram gets in."""

    YES = "yes"
    # With help, or by a part of it.
    PARTLY = "partly"
    NO = "no"
    # The office has not said. It is shown as that, and never taken for one of the others.
    UNKNOWN = "unknown"


class HallContent(Content):
    """服务大厅."""

    name: Line
    address: Line
    phone: Phone
    # None until the office has entered it: the hall is then found by its address alone.
    position: Position | None = None
    access: StepFree = StepFree.UNKNOWN
    # The way in, in words.
    step_free: Text
    hours: HallHours
    zones: tuple[Zone, ...] = ()
    counters: tuple[CounterContent, ...] = Field(min_length=1)


class BrandContent(Content):
    """一居一品牌: what this community is known for, in a few paragraphs."""

    name: Line
    slogan: Line
    story: tuple[Text, ...] = Field(min_length=1)


class FirstSecretaryContent(Content):
    """第一书记."""

    name: Line
    phone: Phone
    about: Text


class BuildingContent(Content):
    """楼栋."""

    slug: Slug
    name: Line


class CompoundContent(Content):
    """小区."""

    slug: Slug
    name: Line
    address: Line
    position: Position
    buildings: tuple[BuildingContent, ...] = ()


# A building and a compound may have one slug, so a place is named with its kind.
PlaceName = Annotated[
    str,
    StringConstraints(pattern=r"^(buildings|compounds)/[a-z0-9]+(-[a-z0-9]+)*$", max_length=51),
    Words(CHOOSE),
]


class Ended(Content):
    """停用: since when a place is no longer in use, why, and what came after it."""

    day: Day
    reason: Line
    successor: PlaceName | None = None


class EndedPlace(Content):
    """停用的小区或楼栋: which, and where its printed code leads from now on."""

    what: PlaceName
    successor: PlaceName | None = None
    day: Day
    reason: Line


class Move(Content):
    """归到别的小区: a building and the compound that has it from now on."""

    what: PlaceName
    to: PlaceName


class FacilityKind(StrEnum):
    """设施种类."""

    ELDERLY = "elderly"
    HEALTH = "health"
    CHILDREN = "children"
    CULTURE = "culture"
    SPORTS = "sports"
    SAFETY = "safety"
    DAILY = "daily"
    DISABILITY = "disability"


class FacilityContent(Content):
    """便民设施."""

    slug: Slug
    name: Line
    kind: FacilityKind
    address: Line
    hours: Line
    phone: Phone | None = None
    step_free: StepFree
    step_free_note: Line | None = None
    position: Position
    about: Text | None = None
    search_words: tuple[Line, ...] = ()


class PersonContent(Content):
    """负责人: the person to ask, at an office number. `categories` are letters of the handbook."""

    post: Line
    name: Line
    answers_for: Text
    phone: Phone
    deputy: Line
    categories: tuple[CategoryLetter, ...] = ()


class PartnerKind(StrEnum):
    """共建单位: the partners of "N 位一体"."""

    PARTY = "party"
    COMMITTEE = "committee"
    STATION = "station"
    OWNERS = "owners"
    PROPERTY = "property"
    OTHER = "other"


class PartnerContent(Content):
    """共建单位: a partner and what it is responsible for."""

    kind: PartnerKind
    name: Line
    answers_for: Text
    phone: Phone


class OwnPhone(Content):
    """社区电话: an additional number to call, and who answers it."""

    name: Line
    phone: Phone


class OwnContent(Content):
    """社区补充: what a community adds to a service item of the district.

    `counter` is the number of a counter and `person` a post of this community; on the guide each
    replaces the default of the item's category.
    """

    note: Text | None = None
    counter: int | None = Field(default=None, ge=1, le=99)
    hours: Line | None = None
    person: Line | None = None
    phones: tuple[OwnPhone, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self == OwnContent()


class ItemNoteContent(OwnContent):
    """社区补充, with the slug of its item."""

    item: Slug

    def own(self) -> OwnContent:
        return OwnContent.model_validate(self.model_dump(exclude={"item"}))


class CommunityContent(Content):
    """社区, whole. A community that has not written about itself has only a name and a hall."""

    slug: Slug
    name: Line
    introduction: Text | None = None
    brand: BrandContent | None = None
    first_secretary: FirstSecretaryContent | None = None
    hall: HallContent
    compounds: tuple[CompoundContent, ...] = ()
    facilities: tuple[FacilityContent, ...] = ()
    people: tuple[PersonContent, ...] = ()
    partners: tuple[PartnerContent, ...] = ()
    notes: tuple[ItemNoteContent, ...] = ()


class SubdistrictContent(Content):
    """街道, with its communities in display order."""

    slug: Slug
    name: Line
    # A community written here, or the slug of a file under `communities/`.
    communities: tuple[
        Annotated[
            Annotated[CommunityContent, Tag("written here")] | Annotated[Slug, Tag("in a file")],
            Discriminator(lambda entry: "in a file" if isinstance(entry, str) else "written here"),
        ],
        ...,
    ] = Field(min_length=1)


class DistrictContent(Content):
    """区, as its file describes it."""

    slug: Slug
    name: Line
    city: Line
    hotline: Phone
    is_sample: bool = False
    subdistricts: tuple[SubdistrictContent, ...] = Field(min_length=1)


class Standing(StrEnum):
    """样例还是正式: whether the district is a real one."""

    REAL = "real"
    SAMPLE = "sample"


class SubdistrictName(Content):
    """街道, without its communities: each of them says where it belongs."""

    slug: Slug
    name: Line


class DistrictAbout(Content):
    """区, as its office writes it: what it is called, and its subdistricts in display order."""

    name: Line
    city: Line
    hotline: Phone
    standing: Standing
    subdistricts: tuple[SubdistrictName, ...] = Field(min_length=1)


class EndedCommunity(Content):
    """撤并: since when a community is no longer one, and which one its people belong to now."""

    day: Day
    successor: Annotated[Slug, Words(CHOOSE)] | None = None


class EndedDoors(EndedCommunity):
    """撤并, with what the buildings are called in the community that followed."""

    # The slugs of buildings, before and after.
    doors: dict[str, str] = Field(default_factory=dict)


class CommunityPlace(Content):
    """社区名称和归属: what a community is called, its subdistrict, and whether it was merged."""

    name: Line
    subdistrict: Annotated[Slug, Words(CHOOSE)]
    ended: EndedCommunity | None = None
