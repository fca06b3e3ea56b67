"""Findings in DAG files for other tools: JSON, SARIF, GitHub annotations, flake8."""
