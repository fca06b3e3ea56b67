"""The DuckDB file: the only package that opens it."""
