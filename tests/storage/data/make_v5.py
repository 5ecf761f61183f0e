"""Made v5.sqlite, once, with the schema of version 5: python tests/storage/data/make_v5.py PATH

Not run again for a released version: later versions must open the file as it was. It holds what
v3.sqlite holds, brought to version 5, with a claim, answers on their way, an alert and the standing rule.
"""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from app.domain.alert import Alert, AlertState, Severity
from app.storage import Storage

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def main() -> None:
    path = Path(sys.argv[1])
    shutil.copy(Path(__file__).with_name("v3.sqlite"), path)
    with Storage.open(path) as storage:
        storage.mentions.claim(1, "小李", NOW)
        for number, mention in enumerate((1, 2, 2), 1):
            row = storage.outbox.write(mention, f"您好 {number}", f"key{number}", "小李", NOW)
            if number > 1:
                storage.outbox.approve(row.id, "组长", NOW)
            if number == 2:
                storage.outbox.begin(row.id, "a machine", NOW)
                storage.outbox.unsure(row.id, "timed out", NOW)
        told = Alert(
            severity=Severity.P1, title="P1 青岚", body="起火", reason="起火", mention_id=2, brand_id=1,
            created_at=NOW - timedelta(minutes=3), toasted=True, delivered="shown",
        )  # fmt: skip
        alert = storage.alerts.add(told, fold_key="x")
        storage.alerts.set_state([alert.id], AlertState.SEEN, "小李", NOW)
        storage.settings.set("rule", {"followers": 77, "quiet_from": "22:00", "quiet_to": "07:00"})


if __name__ == "__main__":
    main()
