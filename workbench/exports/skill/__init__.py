"""The DAG rules and the state store's reference as a skill for coding agents."""
