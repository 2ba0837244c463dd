"""What the processes of an import have in common. The fork server imports it, and they share its memory.

Tables are read when they are needed for the first time. Here that is before the processes part, so that each of them
has no copy of its own; and so that the garbage collector makes none, it leaves alone what is there by then.
"""

import gc

from footbridge.directory.importing.compared import compare as _compare  # noqa: F401 - loaded
from footbridge.directory.importing.pipeline import SELDOM, Raw, prepare
from footbridge.directory.importing.record_rows import record_rows as _record_rows  # noqa: F401 - loaded
from footbridge.directory.importing.staged_services import join_staged as _join_staged  # noqa: F401 - loaded
from footbridge.directory.readers.hsds_documents import Document
from footbridge.directory.readers.hsds_take import take
from footbridge.directory.search import prepare as index

_SERVICE = b"""{"id": "1", "name": "<b>Food bank</b>", "description": "Meals for people in need, and a warm place",
"status": "active", "url": "www.help.test", "fees_description": "Free", "eligibility_description": "Seniors 60 and up",
"phones": [{"number": "705-555-0100 ext. 4", "type": "voice"}], "languages": [{"name": "English; French"}],
"schedules": [{"description": "Mon-Fri 9 am to 4 pm"}], "service_areas": [{"name": "Greater Sudbury"}],
"assured_date": "2026-01-31"}"""

take(None, [Document("sample", text=_SERVICE.decode())])
prepare("CA", [Raw("service", "1", _SERVICE, "sample", None)])
index.prepare({"id": "1", "native_id": "1", "source": "sample", "name": "Banque alimentaire", "can_refer": True})
gc.collect()
gc.freeze()
# What is made for a record has no circles, and is gone with it: looking for them takes a tenth of the time.
gc.set_threshold(*SELDOM)
