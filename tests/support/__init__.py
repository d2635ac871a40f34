"""Doubles and helpers for the tests.

What each desk proves:

| double | what it is | what it proves |
| --- | --- | --- |
| desks.embedded_desk | the real server and its database, over a Unix socket or TCP | client and engine against our own desk |
| desks.virtual_time_desk | the same application on a virtual clock and an in-memory network | hours of faults in seconds |
| desks.zendesk_proxy | a proxy before the real server that takes away what Zendesk has not | polling, lookups, late writes |
| desks.zendesk_model | Zendesk's write semantics, written apart from our server | that we do not test ourselves by ourselves |
| desks.in_memory_help_desk | the HelpDesk protocol over plain values | screens and forms, without a thread or HTTP |
| desks.scripted_server, tls_server | raw HTTP responses, certificates | what no working desk sends |
| desks.hostile_desk | a script of hostile tickets for scripted_server | that ticket text cannot act |
| desks.desk_fork_server | real server processes that are killed | all or nothing on the server's disk |
"""
