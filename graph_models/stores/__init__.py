"""Where a published graph lives: stores behind one protocol, the embedded one by default."""
