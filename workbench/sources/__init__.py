"""One outer format each, read into frames; no source sees the store."""
