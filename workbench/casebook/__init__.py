"""The casebook: what people decided and why, append-only, signed and hash-chained."""
