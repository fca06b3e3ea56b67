"""What a change costs at scale."""
