"""What a timeline says about an incident."""
