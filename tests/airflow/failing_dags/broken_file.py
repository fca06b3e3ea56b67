"""A dag file that does not load in any airflow that has no such module."""

from __future__ import annotations

import a_module_that_nobody_has  # noqa: F401
