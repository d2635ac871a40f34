"""Doubles and helpers for the tests.

The doubles of a desk in `support.desks`, and what each proves:

| double | what it is | what it proves |
| --- | --- | --- |
| embedded_desk | the real server over its database, in a thread; also in a process that is killed (desk_fork_server) and on a virtual clock and network (virtual_time_desk) | client and engine against our own server, all or nothing on its disk, hours of faults in seconds |
| zendesk_shape | ASGI middleware around the same server that takes away what Zendesk lacks | polling, lookups in the history, late writes |
| zendesk_model | Zendesk's write semantics from its documentation, without our server | that our server and our client do not share an error |
| scripted_server | raw HTTP responses, with TLS on request; hostile_desk and sized_desk are scripts for it, sample_answers good answers of each kind | what no working desk sends |
| in_memory_help_desk | the HelpDesk protocol over plain values | screens and forms, without HTTP |

`desks_under_test` names the desks that the conformance suite (tests/helpdesks/test_conformance_*.py) runs against.
"""  # noqa: E501 - a row of the table is one line
