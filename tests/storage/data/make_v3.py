"""Made v3.sqlite, once, with the schema of version 3: python tests/storage/data/make_v3.py PATH

Not run again for a released version: later versions must open the file as it was. It holds what
v2.sqlite holds, brought to version 3, and something in every table and column that version 3 has added.
"""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from app.domain.alert import Severity
from app.domain.warning import IncidentPhase, Step
from app.storage import Storage
from app.storage.stories import HeardOf, Member
from app.storage.warning import Found, Turn, slot_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OWNER = "a machine"


def main() -> None:
    path = Path(sys.argv[1])
    shutil.copy(Path(__file__).with_name("v2.sqlite"), path)
    with Storage.open(path) as storage:
        at, slot = storage.mentions.get(1).published_at, slot_of(NOW)
        storage.warning.take_lease(OWNER, NOW, 60)
        places = [Member(1, 1, None, 0.0, "", at), Member(2, 1, 1, 0.9, "near", at)]
        heard = [
            HeardOf(1, slot, 1, "live", at, 0.9, True, 990.0, ("quality",), 1),
            HeardOf(1, slot, 2, "late", at, 0.9, True, 10.0, (), 1),
        ]
        storage.stories.keep(OWNER, places, heard, [1, 2])
        storage.stories.split(1, [2], "小李", NOW)
        storage.stories.save_index(2, 1, b"\x00state", NOW)
        storage.warning.save_detectors([(1, slot, b"\x00state")])
        storage.warning.done(OWNER, slot)
        found = Found("words", "新词", 2.0, 1, (("起火", 5, 0.2),), (1,))
        turn = Turn(
            brand_id=1,
            number=1,
            at=NOW,
            phase=IncidentPhase.OPENED,
            alarm=True,
            severity=Severity.P1,
            began_at=NOW - timedelta(minutes=5),
            title="青岚：“发热”",
            reason="多了",
            strength=2.0,
            channels=("story", "words"),
            signs=(found,),
            rests_on=(1, 2),
            course=((slot, 2.0, 0.5, 0.0, 1.0),),
        )
        id_ = storage.warning.record([(1, slot, {"number": 1})], [turn])[1, 1]
        step = Step(at=NOW, what="muted", by="小李", detail="演习")
        storage.warning.act(
            id_,
            step,
            muted="演习",
            muted_by="小李",
            escalated_to="公关",
            closer_until=NOW + timedelta(hours=2),
        )
        storage.warning.set_alert(id_, 1)
        storage.settings.set("sensitivity", {"1": "quiet"})


if __name__ == "__main__":
    main()
