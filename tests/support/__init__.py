"""Doubles and helpers for the tests.

What each desk in `support.desks` proves:

| double | what it is | what it proves |
| --- | --- | --- |
| embedded_desk | the real server and its database | client and engine against our own desk |
| virtual_time_desk | the same on a virtual clock and network | hours of faults in seconds |
| zendesk_proxy | before the real server, without what Zendesk lacks | polling, lookups, late writes |
| zendesk_model | Zendesk's write semantics, written apart | that we do not test ourselves by ourselves |
| in_memory_help_desk | the HelpDesk protocol over plain values | screens and forms, without HTTP |
| scripted_server, tls_server | raw HTTP responses, certificates | what no working desk sends |
| hostile_desk | hostile tickets for scripted_server | that ticket text cannot act |
| desk_fork_server | real server processes that are killed | all or nothing on the server's disk |
"""
