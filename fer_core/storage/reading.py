"""What a query needs: somebody who answers a SELECT."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

from fer_core.storage.database import READ_SECONDS, ROW_CAP


class Reader:
    """The base of the query classes; the store fills in the two methods."""

    def arrow(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,
        *,
        cap: int = ROW_CAP,
        seconds: float = READ_SECONDS,
    ) -> pa.Table:
        raise NotImplementedError

    def frame(
        self, sql: str, params: Mapping[str, Any] | None = None, *, cap: int = ROW_CAP
    ) -> pd.DataFrame:
        raise NotImplementedError

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """A few rows as plain values."""
        return self.arrow(sql, params, cap=100_000).to_pylist()

    def one(self, sql: str, params: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        found = self.rows(sql, params)
        return found[0] if found else None
