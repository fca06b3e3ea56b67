"""Files that other tools read: deterministic, validated before they are written."""
