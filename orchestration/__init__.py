"""How exports become audited marts: loading, the ledger, and the wiring of a run."""
