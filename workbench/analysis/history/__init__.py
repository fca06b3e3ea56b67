"""What a history says: deltas, triage, hits, impact, backtests."""
