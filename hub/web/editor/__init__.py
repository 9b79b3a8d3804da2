"""The editor's desk: the queue, the review of a story and the acts on it, corrections, withdrawals, duties, charts."""
