"""Messages to residents and staff: settings, browsers, inbox, outbox."""

from domain.papers.merging import CommunityMerged
from push.follows import follow_on
from web.notifications.routes import ROUTES
from web.notifications.staff_card import on_staff_home
from web.site.feature import Feature

FEATURE = Feature(routes=ROUTES, on_staff_home=on_staff_home, follows={CommunityMerged: follow_on})
