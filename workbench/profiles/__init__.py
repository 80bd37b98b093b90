"""What is known of one community, account, identifier or pair, read for one card."""
