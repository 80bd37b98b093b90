"""What a file is and what stands in it: bytes → numbered records, bad ones with a reason."""
