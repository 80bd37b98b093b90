"""What must not be stored: tokens for people, card numbers and keys found and masked."""
