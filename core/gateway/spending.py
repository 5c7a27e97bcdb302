"""What was spent, summed over the ledger. Amounts are settled micro-dollars, days are UTC."""

from __future__ import annotations

from datetime import date, timedelta

from core.storage.store import Store


def spent_by_day(store: Store, days: int, today: date) -> list[tuple[str, int]]:
    """The last `days` days, today last; a day without spending has 0."""
    first = today - timedelta(days=days - 1)
    rows = store.query(
        "SELECT day, SUM(cost_micros) AS spent FROM ledger WHERE state = 'settled' AND day >= ? GROUP BY day",
        (first.isoformat(),),
    )
    spent = {row["day"]: int(row["spent"]) for row in rows}
    wanted = [(first + timedelta(days=number)).isoformat() for number in range(days)]
    return [(day, spent.get(day, 0)) for day in wanted]


def spent_by_model(store: Store, since: date) -> list[tuple[str, int, int]]:
    """Model, settled calls and their sum since a day, the dearest first."""
    rows = store.query(
        "SELECT model, COUNT(*) AS calls, SUM(cost_micros) AS spent FROM ledger"
        " WHERE state = 'settled' AND day >= ? GROUP BY model ORDER BY spent DESC, calls DESC, model",
        (since.isoformat(),),
    )
    return [(row["model"], int(row["calls"]), int(row["spent"])) for row in rows]
