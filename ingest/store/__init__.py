"""Where observations lie: loads of immutable parts, snapshots, one lock, one key."""
