"""DAG rules: state that must survive a retry, found in the text of DAG files."""
