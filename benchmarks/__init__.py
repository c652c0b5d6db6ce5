"""What the course's speed claims rest on."""
