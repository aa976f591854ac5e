"""Durable jobs: the ledger, the stages, the worker, the outbox."""
