"""What each stage costs as a world grows, beside a scan of the same rows and beside peers."""
