"""A simulated Ocean (Ontario eReferral), to test an integration against.

Built from public documents, not certified by OceanMD. ``OceanSimulator`` is the whole; ``HttpReceiver`` and
``WsgiReceiver`` are how its messages reach the system under test; ``Habits``, ``Shape`` and ``SHAPES`` are what no
public document settles; ``Rates`` what goes wrong; ``Draft`` with its parts what a clinic writes.
"""

from footbridge.simulators.ocean.acceptor import Answer
from footbridge.simulators.ocean.clocks import ShiftedClock
from footbridge.simulators.ocean.draft import Attachment, Clinician, Draft, Person
from footbridge.simulators.ocean.faults import Rates
from footbridge.simulators.ocean.generator import ReferralGenerator
from footbridge.simulators.ocean.habits import SHAPES, Habits, Shape
from footbridge.simulators.ocean.receivers import HttpReceiver, WsgiReceiver
from footbridge.simulators.ocean.simulator import OceanSimulator
from footbridge.simulators.ocean.state import Arrival, Listing, Mail, Message, Referral, Site

__all__ = [
    "SHAPES",
    "Answer",
    "Arrival",
    "Attachment",
    "Clinician",
    "Draft",
    "Habits",
    "HttpReceiver",
    "Listing",
    "Mail",
    "Message",
    "OceanSimulator",
    "Person",
    "Rates",
    "Referral",
    "ReferralGenerator",
    "Shape",
    "ShiftedClock",
    "Site",
    "WsgiReceiver",
]
